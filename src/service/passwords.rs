//! What a changed password means, whoever changed it.

use deadpool_postgres::GenericClient;
use time::OffsetDateTime;

use super::{Proof, endings};
use crate::{
    domain::{AccountId, EmailAddress, LetterKind, PasswordHash},
    store::{self, StoreError, outbox},
};

/// How long a notice is worth delivering.
const NOTICE_LIFETIME: time::Duration = time::Duration::hours(24);

/// A password about to be replaced.
pub(super) struct Change<'a> {
    pub account: AccountId,
    pub email: Option<&'a EmailAddress>,
    pub hash: &'a PasswordHash,
    /// What may go on: that with which the holder changes it.
    pub keep: Option<Proof>,
    /// The contract through which it is changed, for the letter's words.
    pub dialect: &'a str,
    pub address: Option<&'a str>,
}

/// Stores the password, ends the other sessions and tokens, voids every key and promises a notice.
///
/// The account must have been [taken](endings::take).
pub(super) async fn replace(
    tx: &impl GenericClient,
    change: &Change<'_>,
    now: OffsetDateTime,
) -> Result<(), StoreError> {
    store::accounts::set_password(tx, change.account, change.hash, now).await?;
    endings::all(tx, change.account, change.keep, now).await?;
    let Some(email) = change.email else { return Ok(()) };
    let notice = outbox::Promise {
        kind: LetterKind::PasswordChanged,
        dialect: change.dialect,
        recipient: email.as_str(),
        account: Some(change.account),
        origin: change.address,
        link: None,
        promised_at: now,
        expires_at: now + NOTICE_LIFETIME,
    };
    outbox::promise(tx, &notice).await?;
    Ok(())
}
