//! Passwords that are drawn and mailed, instead of links to a form.

use super::{KeyError, LetterTerms, Recovery, ResetError, UnknownAccount};
use crate::{
    domain::{EmailAddress, LetterKind, Password, ResetKey, Username},
    service::{Fault, Origin, endings, fault::store_faults, passwords},
    store::{self, outbox},
};

/// Why no reset was promised to whoever was named.
#[derive(Debug, thiserror::Error)]
pub enum NamedResetError {
    /// No account has this address or user name, and the terms are to say so.
    #[error("no account has this name")]
    UnknownAccount,
    /// The account has no address, and the terms are to say so.
    #[error("the account has no address")]
    NoAddress,
    /// No outcome.
    #[error(transparent)]
    Internal(#[from] Fault),
}

store_faults!(NamedResetError);

impl Recovery {
    /// Promises a letter with a drawn password to the address. It is a second, expiring credential: the old password
    /// and all that it opened live until somebody signs in with the new one.
    ///
    /// # Errors
    /// [`ResetError::UnknownAccount`] only when the dialect is to say so.
    pub async fn request_password(
        &self,
        email: &EmailAddress,
        unknown: UnknownAccount,
        origin: &Origin,
    ) -> Result<(), ResetError> {
        let terms = LetterTerms { unknown, lifetime: self.core.lifetimes.mailed_password, link: None };
        self.promise(LetterKind::GeneratedPassword, &terms, email, origin).await
    }

    /// Promises a reset letter to the account with this address, or else with this user name.
    ///
    /// # Errors
    /// [`NamedResetError`]; who has an account is told only when the terms are to say so.
    pub async fn request_named(
        &self,
        name: &Username,
        terms: &LetterTerms<'_>,
        origin: &Origin,
    ) -> Result<(), NamedResetError> {
        let now = self.core.clock.now();
        self.core.throttle.admit(origin, now)?;
        let client = self.core.database.client().await?;
        if terms.unknown == UnknownAccount::Documented {
            let found = store::addressees::has_email(&client, name.as_str()).await?;
            if found != Some(true) {
                self.core.throttle.charge(origin, now);
            }
            match found {
                None => return Err(NamedResetError::UnknownAccount),
                Some(false) => return Err(NamedResetError::NoAddress),
                Some(true) => {}
            }
        }
        let letter = self.letter(LetterKind::PasswordReset, terms, name.as_str(), origin);
        Ok(self.promise_to_anybody(&client, &letter, origin).await?)
    }

    /// Uses a key up for a drawn password, which is mailed. The old password, all sessions and all tokens end.
    ///
    /// # Errors
    /// [`KeyError::Refused`], [`KeyError::Internal`]; then nothing was changed.
    pub async fn exchange(&self, key: &ResetKey, origin: &Origin) -> Result<(), KeyError> {
        let holder = self.holder(key, origin).await?;
        let email = holder.email.ok_or(KeyError::Refused)?;
        let now = self.core.clock.now();
        let mut client = self.core.database.client().await?;
        let tx = client.transaction().await?;
        endings::take(&tx, holder.account).await?;
        let account = match self.consume(&tx, key, now).await {
            Ok(account) => account,
            Err(refused) => {
                // Taking the account withdrew the letter of whoever won: it is back before the losers hear of it.
                tx.rollback().await?;
                return Err(refused);
            }
        };
        store::accounts::clear_password(&tx, account, now).await?;
        endings::all(&tx, account, None, now).await?;
        let lifetime = self.core.lifetimes.mailed_password;
        let terms = LetterTerms { unknown: UnknownAccount::Uniform, lifetime, link: None };
        let mut letter = self.letter(LetterKind::GeneratedPassword, &terms, &email, origin);
        letter.account = Some(account);
        outbox::promise(&tx, &letter).await?;
        let done = self.put_down(&tx, account, origin).await?;
        done.commit(tx).await?;
        self.core.bell.ring();
        Ok(())
    }

    /// Sets a password that the operator fixed, for whoever names an address: for tests on loopback only.
    ///
    /// # Errors
    /// [`ResetError::UnknownAccount`] only when the dialect is to say so.
    pub async fn overwrite(
        &self,
        email: &EmailAddress,
        fixed: &str,
        unknown: UnknownAccount,
        origin: &Origin,
    ) -> Result<(), ResetError> {
        match (self.account_of(Some(email)).await?, Password::already_accepted(fixed)) {
            (Some(account), Some(password)) => {
                let hash = self.core.hasher.hash(password).await.map_err(Fault::from)?;
                let change =
                    passwords::Change { email: Some(email), ..passwords::Change::of(account, &hash, origin) };
                Ok(self.replace(&change).await?)
            }
            (None, _) if unknown == UnknownAccount::Documented => Err(ResetError::UnknownAccount),
            (None, _) => Ok(()),
            (Some(_), None) => Err(ResetError::Internal(Fault::Broken)),
        }
    }

    async fn replace(&self, change: &passwords::Change<'_>) -> Result<(), Fault> {
        let mut client = self.core.database.client().await?;
        let tx = client.transaction().await?;
        endings::take(&tx, change.account).await?;
        let written = passwords::replace(&tx, change, self.core.clock.now()).await?;
        written.commit(tx).await?;
        self.core.bell.ring();
        Ok(())
    }
}
