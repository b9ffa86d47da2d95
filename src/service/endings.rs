//! What ends when an account's password or address changes, or when its holder may not sign in any more.

use time::OffsetDateTime;

use super::Proof;
use crate::{
    domain::{Account, AccountId},
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

/// The account, [taken](take); `None` if there is none.
pub(super) async fn taken(
    tx: &impl GenericClient,
    account: AccountId,
) -> Result<Option<Account>, StoreError> {
    store::outbox::withdraw(tx, account).await?;
    store::accounts::locked(tx, account).await
}

/// Ends every session and token of an account, in whatever contract they were got; `keep` may go on.
pub(super) async fn sign_ins(
    tx: &impl GenericClient,
    account: AccountId,
    keep: Option<Proof>,
) -> Result<(), StoreError> {
    let (session, family) = match keep {
        Some(Proof::Session(session)) => (Some(session), None),
        Some(Proof::AccessToken(family)) => (None, Some(family)),
        // These die with the password that they were got for (fact sheets Timeslot §1.2, Buddha Jones C17).
        Some(Proof::AuthToken(_)) | None => (None, None),
    };
    store::sessions::end_all(tx, account, session).await?;
    store::access_tokens::end_all(tx, account, family).await?;
    store::auth_tokens::end_all(tx, account).await
}

/// Ends all [sign-ins](sign_ins) but `keep`, and voids every key and mailed password.
///
/// The account must have been [taken](take).
pub(super) async fn all(
    tx: &impl GenericClient,
    account: AccountId,
    keep: Option<Proof>,
    now: OffsetDateTime,
) -> Result<(), StoreError> {
    sign_ins(tx, account, keep).await?;
    keys(tx, account, now).await
}

/// A changed address voids the keys and passwords that were sent to the former one, and an address that was asked for
/// and waits to be confirmed: mistyped, it would open the account to a stranger for as long as its letter counts.
///
/// The account must have been [taken](take).
pub(super) async fn of_former_address(
    tx: &impl GenericClient,
    before: &Account,
    after: &Account,
    now: OffsetDateTime,
) -> Result<(), StoreError> {
    match before.email == after.email {
        true => Ok(()),
        false => keys(tx, before.id, now).await,
    }
}

async fn keys(tx: &impl GenericClient, account: AccountId, now: OffsetDateTime) -> Result<(), StoreError> {
    store::email_changes::void(tx, account).await?;
    store::temporary_passwords::void_all(tx, account).await?;
    store::reset_keys::void_all(tx, account, now).await
}
