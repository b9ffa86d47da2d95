//! A new password for one's own account, by somebody who is signed in.

use super::Accounts;
use crate::{
    domain::{EmailAddress, Password, PasswordContext, PasswordRefused, PasswordRules},
    service::{Caller, Fault, Origin, Proof, endings, fault::store_faults, passwords},
    store::{self, StoreError},
};

/// Why the password stayed as it was.
#[derive(Debug, thiserror::Error)]
pub enum OwnPasswordError {
    /// The new password broke a rule.
    #[error(transparent)]
    Refused(#[from] PasswordRefused),
    /// What the caller came with ended meanwhile, as by a reset.
    #[error("the caller is not signed in any more")]
    SignedOut,
    /// No outcome.
    #[error(transparent)]
    Internal(#[from] Fault),
}

store_faults!(OwnPasswordError);

impl Accounts {
    /// Sets the caller's password. What the caller came with goes on; every other session and token ends.
    ///
    /// # Errors
    /// [`OwnPasswordError`]; then nothing was changed.
    pub async fn set_own_password(
        &self,
        caller: &Caller,
        password: &str,
        rules: &PasswordRules,
        origin: &Origin,
    ) -> Result<(), OwnPasswordError> {
        let password = self.judge_own_password(caller, password, rules)?;
        self.replace_own_password(caller, password, Some(caller.proof), origin).await
    }

    /// Holds a new password of the caller's against the rules.
    pub(super) fn judge_own_password(
        &self,
        caller: &Caller,
        password: &str,
        rules: &PasswordRules,
    ) -> Result<Password, PasswordRefused> {
        let own = &caller.account;
        let about = PasswordContext {
            username: Some(own.username.as_str()),
            email: own.email.as_ref().map(EmailAddress::as_str),
            full_name: own.full_name.as_deref(),
            refused: Some(&self.core.refused_words),
        };
        Password::parse_under(rules, password, &about)
    }

    /// Stores a password that passed the rules, if the caller is still signed in.
    pub(super) async fn replace_own_password(
        &self,
        caller: &Caller,
        password: Password,
        keep: Option<Proof>,
        origin: &Origin,
    ) -> Result<(), OwnPasswordError> {
        let hash = self.core.hasher.hash(password).await.map_err(Fault::from)?;
        let change = passwords::Change {
            email: caller.account.email.as_ref(),
            keep,
            actor: Some(caller.account.id),
            ..passwords::Change::of(caller.account.id, &hash, origin)
        };
        let mut client = self.core.database.client().await?;
        let tx = client.transaction().await?;
        if !still_signed_in(&tx, caller).await? {
            return Err(OwnPasswordError::SignedOut);
        }
        let written = passwords::replace(&tx, &change, self.core.clock.now()).await?;
        written.commit(tx).await?;
        self.core.bell.ring();
        Ok(())
    }
}

/// Whether the caller's credentials are still there, asked when nobody else can change the account's password any
/// more: a thief's last request must not undo the holder's reset.
async fn still_signed_in(tx: &impl store::GenericClient, caller: &Caller) -> Result<bool, StoreError> {
    endings::take(tx, caller.account.id).await?;
    match caller.proof {
        Proof::Session(session) => store::sessions::lives(tx, session).await,
        Proof::AccessToken(family) => store::access_tokens::lives(tx, family).await,
        Proof::AuthToken(token) => store::auth_tokens::lives(tx, token).await,
    }
}
