//! Tables `latchkey.email_change` and `latchkey.email_key`: new addresses that wait to be confirmed.

use time::OffsetDateTime;
use tokio_postgres::Row;

use super::{
    GenericClient, StoreError,
    addressees::{self, Addressee},
    outbox::PromisedLetter,
    row::Columns,
};
use crate::domain::{AccountId, Digest, EmailAddress};

/// Notes which address an account is to have once the letter with this number is answered. An earlier one is void.
///
/// # Errors
/// [`StoreError`].
pub async fn ask(
    client: &impl GenericClient,
    account: AccountId,
    letter: i64,
    email: &EmailAddress,
    expires_at: OffsetDateTime,
) -> Result<(), StoreError> {
    const SQL: &str = "INSERT INTO latchkey.email_change (account_id, outbox_id, email, expires_at) \
         VALUES ($1, $2, $3, $4) ON CONFLICT ON CONSTRAINT email_change_pkey \
         DO UPDATE SET outbox_id = EXCLUDED.outbox_id, email = EXCLUDED.email, expires_at = EXCLUDED.expires_at";
    let statement = client.prepare_cached(SQL).await?;
    client.execute(&statement, &[&account.0, &letter, &email.as_str(), &expires_at]).await?;
    Ok(())
}

/// Stores a fresh key for a promised letter, and returns whom it is for, at the new address.
///
/// `None` when the change was voided or asked for again. Run it in one transaction with the letter's lease.
///
/// # Errors
/// [`StoreError`].
pub async fn mint(
    client: &impl GenericClient,
    letter: &PromisedLetter,
    digest: &Digest,
    now: OffsetDateTime,
) -> Result<Option<Addressee>, StoreError> {
    const SQL: &str = "WITH change AS (SELECT account_id, outbox_id, email FROM latchkey.email_change \
           WHERE outbox_id = $1 AND expires_at > $3), \
         minted AS (INSERT INTO latchkey.email_key (digest, account_id, outbox_id, minted_at) \
           SELECT $2, account_id, outbox_id, $3 FROM change) \
         SELECT u.id, u.username, u.full_name, c.email FROM change c JOIN public.tm_user u ON u.id = c.account_id";
    let statement = client.prepare_cached(SQL).await?;
    let row = client.query_opt(&statement, &[&letter.id, &digest.0.as_slice(), &now]).await?;
    row.map(|row| addressees::read(&mut Columns::of(&row))).transpose()
}

/// A change that somebody has a good key for.
pub struct WantedEmail {
    /// Whose address it is going to be.
    pub account: AccountId,
    /// The address.
    pub email: EmailAddress,
}

/// The change that a key confirms, without using it.
///
/// # Errors
/// [`StoreError`].
pub async fn look(
    client: &impl GenericClient,
    digest: &Digest,
    now: OffsetDateTime,
) -> Result<Option<WantedEmail>, StoreError> {
    const SQL: &str = "SELECT c.account_id, c.email FROM latchkey.email_key k \
         JOIN latchkey.email_change c ON c.account_id = k.account_id AND c.outbox_id = k.outbox_id \
         WHERE k.digest = $1 AND c.expires_at > $2";
    let statement = client.prepare_cached(SQL).await?;
    client.query_opt(&statement, &[&digest.0.as_slice(), &now]).await?.as_ref().map(read).transpose()
}

/// Uses a key up. Of many at once exactly one is told what it confirms.
///
/// # Errors
/// [`StoreError`].
pub async fn consume(
    client: &impl GenericClient,
    digest: &Digest,
    now: OffsetDateTime,
) -> Result<Option<WantedEmail>, StoreError> {
    const SQL: &str = "DELETE FROM latchkey.email_change c USING latchkey.email_key k \
         WHERE k.digest = $1 AND c.account_id = k.account_id AND c.outbox_id = k.outbox_id AND c.expires_at > $2 \
         RETURNING c.account_id, c.email";
    let statement = client.prepare_cached(SQL).await?;
    client.query_opt(&statement, &[&digest.0.as_slice(), &now]).await?.as_ref().map(read).transpose()
}

/// Voids the change that waits, if one does: what else opened the account has ended.
///
/// # Errors
/// [`StoreError`].
pub async fn void(client: &impl GenericClient, account: AccountId) -> Result<(), StoreError> {
    let statement = client.prepare_cached("DELETE FROM latchkey.email_change WHERE account_id = $1").await?;
    client.execute(&statement, &[&account.0]).await?;
    Ok(())
}

fn read(row: &Row) -> Result<WantedEmail, StoreError> {
    Ok(WantedEmail { account: AccountId(row.try_get(0)?), email: EmailAddress::stored(row.try_get(1)?) })
}
