//! A new e-mail address for one's own account: it counts once somebody answers the letter that went there.

use super::Accounts;
use crate::{
    domain::{Account, AuditKind, EmailAddress, LetterKind, ResetKey},
    service::{Caller, Fault, LogWords, Origin, audit::Act, endings, notices, throttle::Asking},
    store::{self, Constraint, StoreError, email_changes::WantedEmail, outbox},
};

/// Why an address was not confirmed.
#[derive(Debug, thiserror::Error)]
pub enum ConfirmEmailError {
    /// The key is unknown, used, void or too old: deliberately one case.
    #[error("the key is not good")]
    Refused,
    /// Another account has got the address.
    #[error("the e-mail address is taken")]
    EmailTaken,
    /// No outcome.
    #[error(transparent)]
    Internal(#[from] Fault),
}

impl From<StoreError> for ConfirmEmailError {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Taken(Constraint::AccountEmail) => Self::EmailTaken,
            other => Self::Internal(other.into()),
        }
    }
}

impl Accounts {
    /// Promises a letter with a key to a new address. Nothing changes until it is confirmed; whether another account
    /// has the address is told only to whoever reads its mail.
    ///
    /// # Errors
    /// [`Fault`].
    pub async fn ask_for_email(
        &self,
        caller: &Caller,
        email: &EmailAddress,
        origin: &Origin,
    ) -> Result<(), Fault> {
        let account = caller.account.id;
        let now = self.core.clock.now();
        let (kind, lifetime) = (LetterKind::EmailConfirmation, self.core.lifetimes.reset_key);
        let letter = origin.promise(kind, email.as_str(), now, lifetime);
        let letter = outbox::Promise { account: Some(account), ..letter };
        let mut client = self.core.database.client().await?;
        let tx = client.transaction().await?;
        let number = self.core.throttle.promise(&tx, &letter, Asking::Holder(account)).await?;
        store::email_changes::ask(&tx, account, number, email, letter.expires_at).await?;
        let written = Act::of_holder(AuditKind::EmailAsked, account, origin).put_down(&tx, now).await?;
        written.commit(tx).await?;
        self.core.bell.ring();
        Ok(())
    }

    /// The address that a key confirms, if the key is good at this moment. Nothing changes.
    ///
    /// # Errors
    /// [`ConfirmEmailError::Refused`], [`ConfirmEmailError::Internal`].
    pub async fn wanted_email(
        &self,
        key: &ResetKey,
        origin: &Origin,
    ) -> Result<EmailAddress, ConfirmEmailError> {
        self.wanted(key, origin).await.map(|wanted| wanted.email)
    }

    /// What a good key confirms. What is none counts as a guess.
    async fn wanted(&self, key: &ResetKey, origin: &Origin) -> Result<WantedEmail, ConfirmEmailError> {
        let now = self.core.clock.now();
        self.core.throttle.admit(origin, now)?;
        let client = self.core.database.client().await?;
        let found = store::email_changes::look(&client, &key.digest(), now).await?;
        found.ok_or_else(|| {
            self.core.throttle.charge(origin, now);
            ConfirmEmailError::Refused
        })
    }

    /// Uses a key up: the account has the new address, keys that were sent to the old one are void, and a notice goes
    /// there.
    ///
    /// # Errors
    /// [`ConfirmEmailError`]; then nothing was changed.
    pub async fn confirm_email(&self, key: &ResetKey, origin: &Origin) -> Result<(), ConfirmEmailError> {
        let WantedEmail { account, .. } = self.wanted(key, origin).await?;
        let now = self.core.clock.now();
        let mut client = self.core.database.client().await?;
        let tx = client.transaction().await?;
        let own = endings::taken(&tx, account).await?.ok_or(ConfirmEmailError::Refused)?;
        let wanted = store::email_changes::consume(&tx, &key.digest(), now).await?;
        let WantedEmail { email, .. } = wanted.ok_or(ConfirmEmailError::Refused)?;
        let next = Account { email: Some(email), ..own.clone() };
        endings::of_former_address(&tx, &own, &next, now).await?;
        store::accounts::update_own(&tx, &next, now).await?;
        let written = notices::changed(&tx, &own, &next, Some(account), origin, now).await?;
        store::log::write(&tx, account, &LogWords::Plain.updated(&next.username, account), now).await?;
        written.commit(tx).await?;
        self.core.bell.ring();
        Ok(())
    }
}
