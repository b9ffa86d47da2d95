//! Getting back in: a letter with a key, and what the key is used up for: a new password or a session.

mod addressed;
mod handed_over;
mod invitation;
mod mailed;
mod request;

use super::{
    Core, Fault, Origin, Sessions, SignedIn, arrivals, audit::Act, endings, fault::store_faults, passwords,
    sessions::Arrival,
};
use crate::{
    domain::{
        AccountId, AuditKind, EmailAddress, Password, PasswordContext, PasswordRefused, ResetKey, Role,
    },
    store::{self, audit::Written, reset_keys::Holder},
};

pub use addressed::{AddressedKey, AddressedKeyError, KeyTerms};
pub use handed_over::{HandOverError, HandedOver, Opens};
pub use invitation::{AcceptError, Acceptance};
pub use mailed::NamedResetError;
pub use request::{LetterTerms, ResetError, UnknownAccount};

/// Forgotten passwords.
#[derive(Clone)]
pub struct Recovery {
    core: Core,
    sessions: Sessions,
}

/// Why a key was refused.
#[derive(Debug, thiserror::Error)]
pub enum KeyError {
    /// Unknown, used, voided, too old, or of an account that may not sign in: deliberately one case.
    #[error("the key is not good")]
    Refused,
    /// The key is good, and still is: the new password broke a rule.
    #[error(transparent)]
    Password(PasswordRefused),
    /// No outcome.
    #[error(transparent)]
    Internal(#[from] Fault),
}

store_faults!(KeyError);

impl Recovery {
    pub(super) fn new(core: Core, sessions: Sessions) -> Self {
        Self { core, sessions }
    }

    /// The account with this address, if it is one and somebody has it.
    async fn account_of(&self, email: Option<&EmailAddress>) -> Result<Option<AccountId>, Fault> {
        let Some(email) = email else { return Ok(None) };
        let client = self.core.database.client().await?;
        Ok(store::addressees::account_at(&client, email).await?)
    }

    /// Whether a key is good at this moment. Nothing changes.
    ///
    /// # Errors
    /// [`KeyError::Refused`], [`KeyError::Internal`].
    pub async fn look(&self, key: &ResetKey, origin: &Origin) -> Result<(), KeyError> {
        self.holder(key, origin).await.map(drop)
    }

    /// Whose password a good key would set: the user name, for the form. Nothing changes.
    ///
    /// # Errors
    /// [`KeyError::Refused`], [`KeyError::Internal`].
    pub async fn whose(&self, key: &ResetKey, origin: &Origin) -> Result<String, KeyError> {
        self.holder(key, origin).await.map(|holder| holder.username)
    }

    /// Whose a good key is. What is none counts as a guess.
    async fn holder(&self, key: &ResetKey, origin: &Origin) -> Result<Holder, KeyError> {
        let now = self.core.clock.now();
        self.core.throttle.admit(origin, now)?;
        let client = self.core.database.client().await?;
        let found = store::reset_keys::holder(&client, &key.digest(), now).await?;
        let holder = found.filter(may_sign_in);
        holder.ok_or_else(|| {
            self.core.throttle.charge(origin, now);
            KeyError::Refused
        })
    }

    fn context<'a>(&'a self, holder: &'a Holder) -> PasswordContext<'a> {
        PasswordContext {
            username: Some(&holder.username),
            email: holder.email.as_deref(),
            full_name: holder.full_name.as_deref(),
            refused: Some(&self.core.refused_words),
        }
    }

    /// Uses a key up for a new password. All sessions end; nobody is signed in.
    ///
    /// # Errors
    /// [`KeyError`]; the key stays good when the password is refused.
    pub async fn redeem(&self, key: &ResetKey, password: &str, origin: &Origin) -> Result<(), KeyError> {
        let holder = self.holder(key, origin).await?;
        let about = self.context(&holder);
        let password = Password::parse(password, &about).map_err(KeyError::Password)?;
        self.spend(key, holder, password, origin).await
    }

    /// Uses a key up for a password that passed the rules.
    async fn spend(
        &self,
        key: &ResetKey,
        holder: Holder,
        password: Password,
        origin: &Origin,
    ) -> Result<(), KeyError> {
        let hash = self.core.hasher.hash(password).await.map_err(Fault::from)?;
        let now = self.core.clock.now();
        let mut client = self.core.database.client().await?;
        let tx = client.transaction().await?;
        endings::take(&tx, holder.account).await?;
        let account = self.consume(&tx, key, now).await?;
        let email = holder.email.map(EmailAddress::stored);
        let change =
            passwords::Change { email: email.as_ref(), ..passwords::Change::of(account, &hash, origin) };
        let changed = passwords::replace(&tx, &change, now).await?;
        let done = self.put_down(&tx, account, origin).await?;
        changed.and(done).commit(tx).await?;
        self.core.bell.ring();
        Ok(())
    }

    /// Puts down that a key was used. Whoever reads the account's mail is its holder: strangers can't keep the holder
    /// from signing in from here.
    async fn put_down(
        &self,
        tx: &impl store::GenericClient,
        account: AccountId,
        origin: &Origin,
    ) -> Result<Written, Fault> {
        let now = self.core.clock.now();
        arrivals::recognise(tx, account, origin, now).await?;
        Ok(Act::of_stranger(AuditKind::ResetDone, Some(account), origin).put_down(tx, now).await?)
    }

    /// Uses a key up for a session, as Traffic Ops' token login does; the password is changed in it.
    ///
    /// # Errors
    /// [`KeyError::Refused`], [`KeyError::Internal`].
    pub async fn sign_in(&self, key: &ResetKey, origin: &Origin) -> Result<SignedIn, KeyError> {
        let holder = self.holder(key, origin).await?;
        let now = self.core.clock.now();
        let mut client = self.core.database.client().await?;
        let tx = client.transaction().await?;
        // The account before its keys, as everybody locks them: nobody waits in a circle.
        store::addressees::lock(&tx, holder.account).await?;
        let account = self.consume(&tx, key, now).await?;
        let done = self.put_down(&tx, account, origin).await?;
        let arrival = Arrival { account, email: None, hash: None, noted: true };
        let begun = self.sessions.begin(&tx, arrival, origin).await?;
        let (opening, written) = begun.ok_or(KeyError::Refused)?;
        done.and(written).commit(tx).await?;
        Ok(self.sessions.opened(&client, opening, &holder.username).await?)
    }

    async fn consume(
        &self,
        client: &impl store::GenericClient,
        key: &ResetKey,
        now: time::OffsetDateTime,
    ) -> Result<AccountId, KeyError> {
        let consumed = store::reset_keys::consume(client, &key.digest(), now).await?;
        consumed.ok_or(KeyError::Refused)
    }
}

fn may_sign_in(holder: &Holder) -> bool {
    holder.role.as_deref().is_some_and(|role| role != Role::DISALLOWED)
}
