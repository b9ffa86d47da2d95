//! Table `latchkey.temporary_password`: passwords that were drawn and mailed, and not yet used.

use time::OffsetDateTime;

use super::{
    GenericClient, StoreError,
    addressees::{self, Addressee},
    outbox::PromisedLetter,
};
use crate::domain::{AccountId, Digest};

/// Stores a password that a promised letter is going to carry, beside the account's own.
///
/// Passwords of earlier letters are voided: only the newest letter holds good ones. `None` when there is nothing
/// to write: the name belongs to nobody, or a newer letter was written already. Run it in one transaction with the
/// letter's lease.
///
/// # Errors
/// [`StoreError`]; [`StoreError::Unavailable`] also when somebody else holds the account for too long.
pub async fn mint(
    client: &impl GenericClient,
    letter: &PromisedLetter,
    digest: &Digest,
    now: OffsetDateTime,
) -> Result<Option<Addressee>, StoreError> {
    let found = match letter.account {
        Some(account) => addressees::of(client, account).await?,
        None => addressees::named(client, &letter.recipient).await?,
    };
    let Some(addressee) = found else { return Ok(None) };
    // Two couriers with two letters to one account take turns, so that the newest request wins.
    addressees::lock(client, addressee.account).await?;
    const VOID: &str = "DELETE FROM latchkey.temporary_password WHERE account_id = $1 AND outbox_id < $2";
    let statement = client.prepare_cached(VOID).await?;
    client.execute(&statement, &[&addressee.account.0, &letter.id]).await?;
    const SQL: &str = "INSERT INTO latchkey.temporary_password \
           (digest, account_id, outbox_id, minted_at, expires_at, dialect) SELECT $1, $2, $3, $4, $5, $6 \
         WHERE NOT EXISTS (SELECT FROM latchkey.temporary_password WHERE account_id = $2 AND outbox_id > $3)";
    let statement = client.prepare_cached(SQL).await?;
    let minted = client
        .execute(
            &statement,
            &[
                &digest.0.as_slice(),
                &addressee.account.0,
                &letter.id,
                &now,
                &letter.expires_at,
                &letter.dialect,
            ],
        )
        .await?;
    Ok((minted == 1).then_some(addressee))
}

/// Whether this is a good password of the account, without using it.
///
/// # Errors
/// [`StoreError`].
pub async fn is_good(
    client: &impl GenericClient,
    account: AccountId,
    digest: &Digest,
    now: OffsetDateTime,
) -> Result<bool, StoreError> {
    const SQL: &str = "SELECT FROM latchkey.temporary_password \
         WHERE digest = $1 AND account_id = $2 AND expires_at > $3";
    let statement = client.prepare_cached(SQL).await?;
    let row = client.query_opt(&statement, &[&digest.0.as_slice(), &account.0, &now]).await?;
    Ok(row.is_some())
}

/// Uses a password up. Of many at once exactly one is told that it was good, and in which contract it was asked for.
///
/// # Errors
/// [`StoreError`].
pub async fn consume(
    client: &impl GenericClient,
    account: AccountId,
    digest: &Digest,
    now: OffsetDateTime,
) -> Result<Option<String>, StoreError> {
    const SQL: &str = "DELETE FROM latchkey.temporary_password \
         WHERE digest = $1 AND account_id = $2 AND expires_at > $3 RETURNING dialect";
    let statement = client.prepare_cached(SQL).await?;
    let row = client.query_opt(&statement, &[&digest.0.as_slice(), &account.0, &now]).await?;
    row.map(|row| Ok(row.try_get(0)?)).transpose()
}

/// Voids every mailed password of an account: its own password or its address changed.
///
/// # Errors
/// [`StoreError`].
pub async fn void_all(client: &impl GenericClient, account: AccountId) -> Result<(), StoreError> {
    const SQL: &str = "DELETE FROM latchkey.temporary_password WHERE account_id = $1";
    let statement = client.prepare_cached(SQL).await?;
    client.execute(&statement, &[&account.0]).await?;
    Ok(())
}
