//! The end of a registration: whoever was invited chooses a name and a password.

use super::{KeyError, Recovery};
use crate::{
    domain::{
        Account, AuditKind, EmailAddress, Password, PasswordContext, PasswordRefused, ResetKey, Username,
        UsernameRefused,
    },
    service::{Fault, LogWords, Origin, arrivals, audit::Act, endings, passwords},
    store::{self, Constraint, StoreError},
};

/// What the invited chooses.
pub struct Acceptance<'a> {
    /// What to sign in with.
    pub username: Username,
    /// The name to be called by.
    pub full_name: String,
    /// The password.
    pub password: &'a str,
}

/// Why the registration is still open.
#[derive(Debug, thiserror::Error)]
pub enum AcceptError {
    /// The key is unknown, used, voided or too old, or belongs to nobody who was invited: deliberately one case.
    #[error("the key is not good")]
    Refused,
    /// The key is good, and still is: the password broke a rule.
    #[error(transparent)]
    Password(PasswordRefused),
    /// The key is good, and still is: the user name is not one to be taken.
    #[error(transparent)]
    Username(#[from] UsernameRefused),
    /// The key is good, and still is: another account has the user name.
    #[error("the user name is taken")]
    UsernameTaken,
    /// No outcome.
    #[error(transparent)]
    Internal(#[from] Fault),
}

impl From<StoreError> for AcceptError {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Taken(Constraint::AccountUsername) => Self::UsernameTaken,
            other => Self::Internal(other.into()),
        }
    }
}

impl From<KeyError> for AcceptError {
    fn from(error: KeyError) -> Self {
        match error {
            KeyError::Refused => Self::Refused,
            KeyError::Password(broken) => Self::Password(broken),
            KeyError::Internal(fault) => Self::Internal(fault),
        }
    }
}

impl Recovery {
    /// The account that a key invites to. Nothing changes.
    ///
    /// # Errors
    /// [`AcceptError::Refused`], [`AcceptError::Internal`].
    pub async fn invited(&self, key: &ResetKey, origin: &Origin) -> Result<Account, AcceptError> {
        let holder = self.holder(key, origin).await?;
        let client = self.core.database.client().await?;
        let account = store::accounts::by_id(&client, holder.account).await?;
        account.filter(|account| account.new_user).ok_or(AcceptError::Refused)
    }

    /// Uses the key of an invitation up. Nobody is signed in by it.
    ///
    /// # Errors
    /// [`AcceptError`]; then nothing was changed.
    pub async fn accept(
        &self,
        key: &ResetKey,
        choice: Acceptance<'_>,
        origin: &Origin,
    ) -> Result<(), AcceptError> {
        let invited = self.invited(key, origin).await?;
        choice.username.may_be_taken()?;
        let about = PasswordContext {
            username: Some(choice.username.as_str()),
            email: invited.email.as_ref().map(EmailAddress::as_str),
            full_name: Some(&choice.full_name),
            refused: Some(&self.core.refused_words),
        };
        let password = Password::parse(choice.password, &about).map_err(AcceptError::Password)?;
        let hash = self.core.hasher.hash(password).await.map_err(Fault::from)?;
        let now = self.core.clock.now();
        let mut client = self.core.database.client().await?;
        let tx = client.transaction().await?;
        endings::take(&tx, invited.id).await?;
        let account = self.consume(&tx, key, now).await?;
        // There was no password before: nothing changes that the holder does not know of.
        let change = passwords::Change::of(account, &hash, origin);
        let changed = passwords::replace(&tx, &change, now).await?;
        let present = store::accounts::by_id(&tx, account).await?;
        let present = present.filter(Account::may_sign_in);
        let present = present.ok_or(AcceptError::Refused)?;
        let next = Account { username: choice.username, full_name: Some(choice.full_name), ..present };
        store::accounts::update_own(&tx, &next, now).await?;
        store::log::write(&tx, account, &LogWords::Plain.updated(&next.username, account), now).await?;
        arrivals::recognise(&tx, account, origin, now).await?;
        let act = Act::of_stranger(AuditKind::Registered, Some(account), origin);
        let registered = act.put_down(&tx, now).await?;
        Ok(changed.and(registered).commit(tx).await?)
    }
}
