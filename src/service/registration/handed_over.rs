//! Invitations whose key an operator hands over without mail.

use serde_json::json;
use time::Duration;

use super::{Invitation, InviteError, Registration};
use crate::{
    domain::ResetKey,
    service::{Errand, HandedOver, Opens},
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
        let invitee = self.received(&tx, errand, invitation).await?.ok_or(InviteError::Registered)?;
        let now = self.core.clock.now();
        let (key, expires_at) = (ResetKey::draw(|bytes| self.core.entropy.fill(bytes)), now + lifetime);
        let (account, dialect) = (invitee.account, errand.origin.dialect);
        store::reset_keys::hand_over(&tx, account, dialect, &key.digest(), now, expires_at).await?;
        let detail = json!({ "role": invitee.role.name, "tenant": invitee.tenant.name, "handed_over": true });
        invitee.put_down(&tx, errand, invitation, detail, now).await?.commit(tx).await?;
        Ok(HandedOver { key, opens: Opens::Registration, expires_at })
    }
}
