//! Invitations whose key an operator hands over without mail.

use serde_json::json;
use time::Duration;

use super::{Invitation, InviteError, Registration, judge};
use crate::{
    domain::{AuditKind, ResetKey},
    service::{Errand, HandedOver, Opens, audit::Act, change_log},
    store,
};

impl Registration {
    /// As [`Registration::invite`], but the key is returned instead of mailed.
    ///
    /// # Errors
    /// [`InviteError`]; then nothing was changed.
    pub async fn hand_over(
        &self,
        errand: Errand<'_>,
        invitation: &Invitation,
        lifetime: Duration,
    ) -> Result<HandedOver, InviteError> {
        let mut client = self.core.database.client().await?;
        let tx = client.transaction().await?;
        let (role, tenant) = judge(&tx, errand, invitation).await?;
        let account = match store::accounts::id_by_email(&tx, &invitation.email).await? {
            Some(id) => Some(self.renew(&tx, errand, id, &role, &tenant).await?),
            None => self.begin(&tx, &invitation.email, &role, &tenant).await?,
        };
        let (id, username) = account.ok_or(InviteError::Registered)?;
        let now = self.core.clock.now();
        let (key, expires_at) = (ResetKey::draw(|bytes| self.core.entropy.fill(bytes)), now + lifetime);
        store::reset_keys::hand_over(&tx, id, errand.origin.dialect, &key.digest(), now, expires_at).await?;
        let detail = json!({ "role": role.name, "tenant": tenant.name, "handed_over": true });
        let written = Act::of(AuditKind::Invited, Some(id), &errand).with(detail).put_down(&tx, now).await?;
        let note = change_log::invited(&username, &invitation.email, &role.name, &tenant.name);
        errand.actor.log(&tx, &note, now).await?;
        tx.commit().await?;
        written.tell();
        Ok(HandedOver { key, opens: Opens::Registration, expires_at })
    }
}
