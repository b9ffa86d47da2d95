//! What an administrator does for the holder of an account: a letter to get back in, and the end of what is open.

use super::{Errand, Users};
use crate::{
    domain::{Account, AccountId, AuditKind, EmailAddress, LetterKind},
    service::{Actor, Fault, Lacking, audit::Act, endings, fault::store_faults, throttle::Asking},
    store::{self, outbox, sessions::OpenSession},
};

/// Why nothing was done.
#[derive(Debug, thiserror::Error)]
pub enum HelpError {
    /// No account has the identity, or its tenant is beyond the actor's reach: deliberately one case.
    #[error("no such user")]
    NoSuchUser,
    /// The role of the account grants what the actor does not hold.
    #[error("the role grants more than the actor holds")]
    StrongerRole(Lacking),
    /// The account has no e-mail address.
    #[error("the account has no e-mail address")]
    NoAddress,
    /// No outcome.
    #[error(transparent)]
    Internal(#[from] Fault),
}

store_faults!(HelpError);

impl Users {
    /// The sessions of an account that have not ended, the newest use first.
    ///
    /// # Errors
    /// [`HelpError::NoSuchUser`], [`HelpError::Internal`].
    pub async fn sessions(&self, actor: Actor<'_>, id: AccountId) -> Result<Vec<OpenSession>, HelpError> {
        let client = self.core.database.client().await?;
        reached(&client, actor, id).await?;
        Ok(store::sessions::of_account(&client, id, self.core.clock.now()).await?)
    }

    /// Ends every session and token of an account. Its password stays.
    ///
    /// # Errors
    /// [`HelpError`].
    pub async fn end_sessions(&self, errand: Errand<'_>, id: AccountId) -> Result<(), HelpError> {
        let mut client = self.core.database.client().await?;
        let tx = client.transaction().await?;
        let account = reached(&tx, errand.actor, id).await?;
        if let Some(role) = &account.role {
            errand.actor.covers(role).map_err(HelpError::StrongerRole)?;
        }
        endings::sign_ins(&tx, id, None).await?;
        let act = Act::of(AuditKind::SessionsEnded, Some(id), &errand);
        let written = act.put_down(&tx, self.core.clock.now()).await?;
        written.commit(tx).await?;
        Ok(())
    }

    /// Promises a letter with which the holder sets a new password. The present one stays until then, and nobody
    /// else gets to know either.
    ///
    /// # Errors
    /// [`HelpError`].
    pub async fn send_reset(&self, errand: Errand<'_>, id: AccountId) -> Result<EmailAddress, HelpError> {
        let mut client = self.core.database.client().await?;
        let tx = client.transaction().await?;
        let account = reached(&tx, errand.actor, id).await?;
        let email = account.email.ok_or(HelpError::NoAddress)?;
        let now = self.core.clock.now();
        let (kind, lifetime) = (LetterKind::PasswordReset, self.core.lifetimes.reset_key);
        let letter = errand.origin.promise(kind, email.as_str(), now, lifetime);
        let letter = outbox::Promise { account: Some(id), ..letter };
        self.core.throttle.promise(&tx, &letter, Asking::of(errand.actor)).await?;
        let written = Act::of(AuditKind::ResetAsked, Some(id), &errand).put_down(&tx, now).await?;
        written.commit(tx).await?;
        drop(client);
        self.core.bell.ring();
        Ok(email)
    }
}

async fn reached(
    client: &impl store::GenericClient,
    actor: Actor<'_>,
    id: AccountId,
) -> Result<Account, HelpError> {
    let account = store::accounts::by_id(client, id).await?.ok_or(HelpError::NoSuchUser)?;
    match actor.reaches(client, account.tenant.id).await? {
        true => Ok(account),
        false => Err(HelpError::NoSuchUser),
    }
}
