//! Getting back in: a letter with a key, and the key for a new password or a session.

mod addressed;
mod handed_over;
mod invitation;
mod mailed;

use serde::Deserialize;

use super::{
    Core, Fault, Origin, Sessions, SignedIn, arrivals, audit::Act, endings, fault::store_faults, passwords,
    sessions::Arrival, throttle::Asking,
};
use crate::{
    domain::{
        AccountId, AuditKind, EmailAddress, LetterKind, Password, PasswordContext, PasswordRefused, ResetKey,
        Role,
    },
    store::{self, audit::Written, outbox, reset_keys::Holder},
};

pub use addressed::{AddressedKey, AddressedKeyError, KeyTerms};
pub use handed_over::{HandOverError, HandedOver, Opens};
pub use invitation::{AcceptError, Acceptance};
pub use mailed::NamedResetError;

/// Forgotten passwords.
#[derive(Clone)]
pub struct Recovery {
    core: Core,
    sessions: Sessions,
}

/// What a stranger hears who asks for an address without an account.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum UnknownAccount {
    /// The error that the contract documents.
    Documented,
    /// The same as for an address with an account.
    Uniform,
}

/// How a contract writes its letters.
pub struct LetterTerms<'a> {
    /// What a stranger hears who asks for an address without an account.
    pub unknown: UnknownAccount,
    /// How long the key lives, from the request.
    pub lifetime: time::Duration,
    /// What the link begins with, up to the key; none means the installation's own.
    pub link: Option<&'a str>,
}

/// Why no reset was promised.
#[derive(Debug, thiserror::Error)]
pub enum ResetError {
    /// No account has the address, and the dialect says so.
    #[error("no account has this address")]
    UnknownAccount,
    /// No outcome.
    #[error(transparent)]
    Internal(#[from] Fault),
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

store_faults!(ResetError, KeyError);

impl Recovery {
    pub(super) fn new(core: Core) -> Self {
        Self { sessions: Sessions::new(core.clone()), core }
    }

    /// How long a reset key lives where neither the contract nor the operator says otherwise.
    pub fn key_lifetime(&self) -> time::Duration {
        self.core.lifetimes.reset_key
    }

    /// Promises a letter to the address. One row is written; whose address it is, the courier finds out, so
    /// that known and unknown addresses take the same time.
    ///
    /// # Errors
    /// [`ResetError::UnknownAccount`] only when the dialect is to say so.
    pub async fn request(
        &self,
        email: &EmailAddress,
        unknown: UnknownAccount,
        origin: &Origin,
    ) -> Result<(), ResetError> {
        let terms = LetterTerms { unknown, lifetime: self.core.lifetimes.reset_key, link: None };
        self.request_under(&terms, email, origin).await
    }

    /// As [`Recovery::request`], where the contract or the operator has terms for its letters.
    ///
    /// # Errors
    /// [`ResetError::UnknownAccount`] only when the terms are to say so.
    pub async fn request_under(
        &self,
        terms: &LetterTerms<'_>,
        email: &EmailAddress,
        origin: &Origin,
    ) -> Result<(), ResetError> {
        self.promise(LetterKind::PasswordReset, terms, email, origin).await
    }

    /// Promises a letter that opens an account to an address.
    async fn promise(
        &self,
        kind: LetterKind,
        terms: &LetterTerms<'_>,
        email: &EmailAddress,
        origin: &Origin,
    ) -> Result<(), ResetError> {
        self.core.throttle.admit(origin, self.core.clock.now())?;
        let client = self.core.database.client().await?;
        if terms.unknown == UnknownAccount::Documented
            && store::addressees::account_at(&client, email).await?.is_none()
        {
            self.core.throttle.charge(origin, self.core.clock.now());
            return Err(ResetError::UnknownAccount);
        }
        let letter = self.letter(kind, terms, email.as_str(), origin);
        Ok(self.promise_to_anybody(&client, &letter, origin).await?)
    }

    /// Promises a letter that a stranger asked for: what it costs is counted, whoever the recipient is.
    async fn promise_to_anybody(
        &self,
        client: &impl store::GenericClient,
        letter: &outbox::Promise<'_>,
        origin: &Origin,
    ) -> Result<(), Fault> {
        self.core.throttle.charge(origin, letter.promised_at);
        self.core.throttle.promise(client, letter, Asking::Stranger).await?;
        self.core.bell.ring();
        Ok(())
    }

    fn letter<'a>(
        &self,
        kind: LetterKind,
        terms: &LetterTerms<'a>,
        recipient: &'a str,
        origin: &'a Origin,
    ) -> outbox::Promise<'a> {
        let now = self.core.clock.now();
        outbox::Promise {
            kind,
            dialect: origin.dialect,
            recipient,
            account: None,
            origin: origin.address.as_deref(),
            link: terms.link,
            promised_at: now,
            expires_at: now + terms.lifetime,
        }
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
        let change = passwords::Change {
            account,
            email: email.as_ref(),
            hash: &hash,
            keep: None,
            dialect: origin.dialect,
            actor: None,
            origin,
        };
        let changed = passwords::replace(&tx, &change, now).await?;
        let done = self.put_down(&tx, account, origin).await?;
        tx.commit().await?;
        done.tell();
        changed.tell();
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
        let mut client = self.core.database.client().await?;
        let tx = client.transaction().await?;
        let account = self.consume(&tx, key, self.core.clock.now()).await?;
        let done = self.put_down(&tx, account, origin).await?;
        tx.commit().await?;
        done.tell();
        drop(client);
        let arrival = Arrival { account, email: None, hash: None, noted: true };
        let opened = self.sessions.open(arrival, &holder.username, origin).await?;
        opened.ok_or(KeyError::Refused)
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
