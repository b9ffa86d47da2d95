//! The end of an account.

use super::{Errand, Users};
use crate::{
    domain::{AccountId, AuditKind},
    service::{
        Fault,
        audit::Act,
        authority::{self, Lacking},
        fault::store_faults,
    },
    store::{self, accounts::Removal},
};

/// Why an account was not removed.
#[derive(Debug, thiserror::Error)]
pub enum RemoveError {
    /// No account has the identity.
    #[error("no such user")]
    NoSuchUser,
    /// The account is the caller's own.
    #[error("nobody removes themselves")]
    Oneself,
    /// The tenant of the account is beyond the caller's reach.
    #[error("the tenant is out of reach")]
    TenantOutOfReach,
    /// The role of the account grants what the caller does not hold.
    #[error("the role grants more than the caller holds")]
    StrongerRole(Lacking),
    /// Nobody else may do everything.
    #[error("this is the last account that may do everything")]
    LastAdministrator,
    /// Rows of another program's table belong to the account; its name.
    #[error("the table {0} still refers to the account")]
    InUse(String),
    /// No outcome.
    #[error(transparent)]
    Internal(#[from] Fault),
}

store_faults!(RemoveError);

impl Users {
    /// Removes an account. Its sessions end; what it wrote into the change log stays.
    ///
    /// # Errors
    /// [`RemoveError`]; then nothing was removed.
    pub async fn remove(&self, errand: Errand<'_>, id: AccountId) -> Result<(), RemoveError> {
        let actor = errand.actor;
        let mut client = self.core.database.client().await?;
        let tx = client.transaction().await?;
        let seen = store::accounts::by_id(&tx, id).await?;
        // Letters first: whoever mints a key holds its letter before the account.
        store::outbox::withdraw(&tx, id).await?;
        let (present, last) = authority::locked(&tx, seen.as_ref()).await?;
        let present = present.ok_or(RemoveError::NoSuchUser)?;
        actor.reached(&tx, present.tenant.id).await?.ok_or(RemoveError::TenantOutOfReach)?;
        if let Some(role) = &present.role {
            actor.covers(role).map_err(RemoveError::StrongerRole)?;
        }
        if actor.account() == Some(present.id) {
            return Err(RemoveError::Oneself);
        }
        if last {
            return Err(RemoveError::LastAdministrator);
        }
        let now = self.core.clock.now();
        if let Removal::InUse(table) = store::accounts::remove(&tx, &present, actor.account(), now).await? {
            return Err(RemoveError::InUse(table));
        }
        let note = errand.words.deleted(&present.username, id);
        actor.log(&tx, &note, now).await?;
        let written = Act::of(AuditKind::AccountRemoved, Some(id), &errand).put_down(&tx, now).await?;
        written.commit(tx).await?;
        Ok(())
    }
}
