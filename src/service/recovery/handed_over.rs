//! Keys that an operator hands over without mail.

use serde_json::json;
use time::{Duration, OffsetDateTime};

use super::Recovery;
use crate::{
    domain::{AuditKind, ResetKey, Username},
    service::{Errand, Fault, audit::Act, fault::store_faults},
    store,
};

/// A key for one person, to be shown once.
pub struct HandedOver {
    /// The key.
    pub key: ResetKey,
    /// What it is for.
    pub opens: Opens,
    /// Until when it is good.
    pub expires_at: OffsetDateTime,
}

/// What a key opens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Opens {
    /// The form for a new password.
    Reset,
    /// The form that ends a registration.
    Registration,
}

/// Why there is no key.
#[derive(Debug, thiserror::Error)]
pub enum HandOverError {
    /// No account has the user name.
    #[error("no account is called {0}")]
    NoSuchAccount(Username),
    /// The account's role keeps its holder from signing in.
    #[error("{0} may not sign in, so a new password would open nothing")]
    MayNotSignIn(Username),
    /// No outcome.
    #[error(transparent)]
    Internal(#[from] Fault),
}

store_faults!(HandOverError);

impl Recovery {
    /// Draws a key for an account, and stores its digest. Older keys of the account are void; the password and the
    /// sessions stay until the key is used.
    ///
    /// # Errors
    /// [`HandOverError`].
    pub async fn hand_over(
        &self,
        errand: Errand<'_>,
        username: &Username,
        lifetime: Duration,
    ) -> Result<HandedOver, HandOverError> {
        let mut client = self.core.database.client().await?;
        let tx = client.transaction().await?;
        let found = store::accounts::id_by_username(&tx, username).await?;
        let id = found.ok_or_else(|| HandOverError::NoSuchAccount(username.clone()))?;
        let account = store::accounts::locked(&tx, id).await?;
        let account = account.ok_or_else(|| HandOverError::NoSuchAccount(username.clone()))?;
        if !account.may_sign_in() {
            return Err(HandOverError::MayNotSignIn(username.clone()));
        }
        let now = self.core.clock.now();
        let (key, expires_at) = (ResetKey::draw(|bytes| self.core.entropy.fill(bytes)), now + lifetime);
        store::reset_keys::hand_over(&tx, id, errand.origin.dialect, &key.digest(), now, expires_at).await?;
        let act = Act::of(AuditKind::ResetAsked, Some(id), &errand).with(json!({ "handed_over": true }));
        let written = act.put_down(&tx, now).await?;
        written.commit(tx).await?;
        let opens = if account.new_user { Opens::Registration } else { Opens::Reset };
        Ok(HandedOver { key, opens, expires_at })
    }
}
