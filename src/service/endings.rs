//! What ends when an account's password changes, or when its holder may not sign in any more.

use time::OffsetDateTime;

use super::Proof;
use crate::{
    domain::AccountId,
    store::{self, GenericClient, StoreError},
};

/// Takes an account for oneself until the end of the transaction: letters that would open it are withdrawn, then
/// its row is locked.
///
/// Whoever changes what opens an account begins with this, once, before anything else of the account is touched:
/// letters, account, keys are locked in this order by everybody, the courier included, so nobody waits in a circle.
pub(super) async fn take(tx: &impl GenericClient, account: AccountId) -> Result<(), StoreError> {
    store::outbox::withdraw(tx, account).await?;
    store::addressees::lock(tx, account).await
}

/// Ends every session and token of an account, and voids every key and mailed password, in whatever contract they
/// were got; `keep` may go on.
///
/// The account must have been [taken](take).
pub(super) async fn all(
    tx: &impl GenericClient,
    account: AccountId,
    keep: Option<Proof>,
    now: OffsetDateTime,
) -> Result<(), StoreError> {
    let (session, family) = match keep {
        Some(Proof::Session(session)) => (Some(session), None),
        Some(Proof::AccessToken(family)) => (None, Some(family)),
        // These die with the password that they were got for (fact sheets Timeslot §1.2, Buddha Jones C17).
        Some(Proof::AuthToken(_)) | None => (None, None),
    };
    store::sessions::end_all(tx, account, session).await?;
    store::access_tokens::end_all(tx, account, family).await?;
    store::auth_tokens::end_all(tx, account).await?;
    store::temporary_passwords::void_all(tx, account).await?;
    store::email_changes::void(tx, account).await?;
    store::reset_keys::void_all(tx, account, now).await
}
