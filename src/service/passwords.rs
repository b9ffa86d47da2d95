//! What a changed password means, whoever changed it.

use deadpool_postgres::GenericClient;
use time::OffsetDateTime;

use crate::{
    domain::{AccountId, EmailAddress, LetterKind, PasswordHash, SessionId},
    store::{self, StoreError, outbox},
};

/// How long a notice is worth delivering.
const NOTICE_LIFETIME: time::Duration = time::Duration::hours(24);

/// A password about to be replaced.
pub(super) struct Change<'a> {
    pub account: AccountId,
    pub email: Option<&'a EmailAddress>,
    pub hash: &'a PasswordHash,
    /// The session that may go on: the one in which the holder changes it.
    pub keep: Option<SessionId>,
    /// The contract through which it is changed, for the letter's words.
    pub dialect: &'a str,
    pub address: Option<&'a str>,
}

/// Stores the password, ends the other sessions, voids every key and promises a notice.
pub(super) async fn replace(
    tx: &impl GenericClient,
    change: &Change<'_>,
    now: OffsetDateTime,
) -> Result<(), StoreError> {
    // Letters first: whoever mints a key holds the letter's row, so none appears behind our back.
    if let Some(email) = change.email {
        outbox::void_resets_to(tx, email).await?;
    }
    store::accounts::set_password(tx, change.account, change.hash, now).await?;
    store::sessions::end_all(tx, change.account, change.keep).await?;
    store::reset_keys::void_all(tx, change.account, now).await?;
    let Some(email) = change.email else { return Ok(()) };
    let notice = outbox::Promise {
        kind: LetterKind::PasswordChanged,
        dialect: change.dialect,
        recipient: email,
        account: Some(change.account),
        origin: change.address,
        promised_at: now,
        expires_at: now + NOTICE_LIFETIME,
    };
    outbox::promise(tx, &notice).await?;
    Ok(())
}
