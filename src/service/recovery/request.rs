//! Asking for a letter that opens an account, by whoever names an address.

use serde::Deserialize;

use super::Recovery;
use crate::{
    domain::{EmailAddress, LetterKind},
    service::{Fault, Origin, fault::store_faults, throttle::Asking},
    store::{self, outbox},
};

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

store_faults!(ResetError);

impl Recovery {
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
    pub(super) async fn promise(
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
    pub(super) async fn promise_to_anybody(
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

    pub(super) fn letter<'a>(
        &self,
        kind: LetterKind,
        terms: &LetterTerms<'a>,
        recipient: &'a str,
        origin: &'a Origin,
    ) -> outbox::Promise<'a> {
        let letter = origin.promise(kind, recipient, self.core.clock.now(), terms.lifetime);
        outbox::Promise { link: terms.link, ..letter }
    }
}
