//! Tables `latchkey.reset_request` and `latchkey.reset_key`: who may set a new password.

mod handed_over;

use time::OffsetDateTime;

use super::{
    GenericClient, StoreError,
    addressees::{self, Addressee},
    outbox::PromisedLetter,
    row::Columns,
};
use crate::domain::{AccountId, Digest};

pub use handed_over::hand_over;

/// Opens the request that a promised letter stands for, or finds it again, and stores a fresh key of it.
///
/// Requests that the account made earlier are voided: only the newest has good keys. `None` when there is
/// nothing to write: the name belongs to nobody, or the request was voided, used or is over.
/// Run it in one transaction with the letter's lease.
///
/// # Errors
/// [`StoreError`]; [`StoreError::Unavailable`] also when somebody else holds the account for too long.
pub async fn mint(
    client: &impl GenericClient,
    letter: &PromisedLetter,
    digest: &Digest,
    now: OffsetDateTime,
) -> Result<Option<Addressee>, StoreError> {
    let addressee = match letter.account {
        Some(account) => addressees::of(client, account).await?.filter(|to| is_meant(letter, to)),
        None => addressees::named(client, &letter.recipient).await?,
    };
    let Some(addressee) = addressee else { return Ok(None) };
    let key = NewKey { letter, account: addressee.account, digest: *digest };
    let minted = mint_all(client, &[key], now).await?;
    Ok((!minted.is_empty()).then_some(addressee))
}

/// A key to be stored for a letter whose account is known.
pub struct NewKey<'a> {
    /// The letter that will carry it.
    pub letter: &'a PromisedLetter,
    /// Whom it opens.
    pub account: AccountId,
    /// What is stored of it.
    pub digest: Digest,
}

/// As [`mint`], for letters to different accounts at once; returns the numbers of those that got their key.
///
/// # Errors
/// As [`mint`].
pub async fn mint_all(
    client: &impl GenericClient,
    keys: &[NewKey<'_>],
    now: OffsetDateTime,
) -> Result<Vec<i64>, StoreError> {
    let accounts: Vec<i64> = keys.iter().map(|key| key.account.0).collect();
    let letters: Vec<i64> = keys.iter().map(|key| key.letter.id).collect();
    // Two couriers with two letters to one account take turns, so that the newest request wins.
    addressees::lock_all(client, &accounts).await?;
    const VOID: &str = "UPDATE latchkey.reset_request q SET voided_at = $3 \
         FROM unnest($1::bigint[], $2::bigint[]) AS mine (account, letter) \
         WHERE q.account_id = mine.account AND q.outbox_id < mine.letter \
           AND q.voided_at IS NULL AND q.used_at IS NULL";
    let statement = client.prepare_cached(VOID).await?;
    client.execute(&statement, &[&accounts, &letters, &now]).await?;
    const SQL: &str = "WITH mine AS (SELECT * FROM unnest($1::bigint[], $2::bigint[], $3::text[], \
           $4::timestamptz[], $5::timestamptz[], $6::bytea[]) \
           AS mine (account, letter, dialect, requested_at, expires_at, digest)), \
         request AS (INSERT INTO latchkey.reset_request \
           (account_id, outbox_id, dialect, requested_at, expires_at) \
           SELECT account, letter, dialect, requested_at, expires_at FROM mine \
           WHERE NOT EXISTS (SELECT FROM latchkey.reset_request q \
             WHERE q.account_id = mine.account AND q.outbox_id > mine.letter) \
           ON CONFLICT ON CONSTRAINT reset_request_outbox_key DO UPDATE SET dialect = EXCLUDED.dialect \
           WHERE reset_request.account_id = EXCLUDED.account_id AND reset_request.voided_at IS NULL \
             AND reset_request.used_at IS NULL \
           RETURNING id, outbox_id), \
         minted AS (INSERT INTO latchkey.reset_key (digest, request_id, minted_at) \
           SELECT mine.digest, request.id, $7 FROM request JOIN mine ON mine.letter = request.outbox_id \
           RETURNING request_id) \
         SELECT request.outbox_id FROM minted JOIN request ON request.id = minted.request_id";
    let dialects: Vec<&str> = keys.iter().map(|key| key.letter.dialect.as_str()).collect();
    let promised: Vec<OffsetDateTime> = keys.iter().map(|key| key.letter.promised_at).collect();
    let expires: Vec<OffsetDateTime> = keys.iter().map(|key| key.letter.expires_at).collect();
    let digests: Vec<&[u8]> = keys.iter().map(|key| key.digest.0.as_slice()).collect();
    let statement = client.prepare_cached(SQL).await?;
    let rows = client
        .query(&statement, &[&accounts, &letters, &dialects, &promised, &expires, &digests, &now])
        .await?;
    rows.iter().map(|row| Ok(row.try_get(0)?)).collect()
}

/// A letter about an account whose address is another one by now goes to nobody.
fn is_meant(letter: &PromisedLetter, to: &Addressee) -> bool {
    to.email.to_lowercase() == letter.recipient.to_lowercase()
}

async fn void_older(
    client: &impl GenericClient,
    account: AccountId,
    newest: i64,
    now: OffsetDateTime,
) -> Result<(), StoreError> {
    const SQL: &str = "UPDATE latchkey.reset_request SET voided_at = $3 \
         WHERE account_id = $1 AND outbox_id < $2 AND voided_at IS NULL AND used_at IS NULL";
    let statement = client.prepare_cached(SQL).await?;
    client.execute(&statement, &[&account.0, &newest, &now]).await?;
    Ok(())
}

/// Whom a good key belongs to.
pub struct Holder {
    /// The account.
    pub account: AccountId,
    /// Its user name, for the password rules.
    pub username: String,
    /// Its address, for the password rules.
    pub email: Option<String>,
    /// The name people call the holder by, for the password rules.
    pub full_name: Option<String>,
    /// The role's name, for those who may not sign in.
    pub role: Option<String>,
}

/// The holder of a good key, without using it.
///
/// # Errors
/// [`StoreError`].
pub async fn holder(
    client: &impl GenericClient,
    digest: &Digest,
    now: OffsetDateTime,
) -> Result<Option<Holder>, StoreError> {
    const SQL: &str = "SELECT u.id, u.username, u.email, u.full_name, r.name FROM latchkey.reset_key k \
         JOIN latchkey.reset_request q ON q.id = k.request_id JOIN public.tm_user u ON u.id = q.account_id \
         LEFT JOIN public.role r ON r.id = u.role \
         WHERE k.digest = $1 AND q.used_at IS NULL AND q.voided_at IS NULL AND q.expires_at > $2";
    let statement = client.prepare_cached(SQL).await?;
    let row = client.query_opt(&statement, &[&digest.0.as_slice(), &now]).await?;
    row.map(|row| {
        let mut columns = Columns::of(&row);
        Ok(Holder {
            account: AccountId(columns.take()?),
            username: columns.take()?,
            email: columns.take()?,
            full_name: columns.take()?,
            role: columns.take()?,
        })
    })
    .transpose()
}

/// Uses a key up, with all other keys of its request. Of many at once exactly one is told whose it was.
///
/// # Errors
/// [`StoreError`].
pub async fn consume(
    client: &impl GenericClient,
    digest: &Digest,
    now: OffsetDateTime,
) -> Result<Option<AccountId>, StoreError> {
    const SQL: &str = "UPDATE latchkey.reset_request q SET used_at = $2 FROM latchkey.reset_key k \
         WHERE k.digest = $1 AND q.id = k.request_id \
           AND q.used_at IS NULL AND q.voided_at IS NULL AND q.expires_at > $2 \
         RETURNING q.account_id";
    let statement = client.prepare_cached(SQL).await?;
    let row = client.query_opt(&statement, &[&digest.0.as_slice(), &now]).await?;
    row.map(|row| Ok(AccountId(row.try_get(0)?))).transpose()
}

/// Voids every open request of an account: its password or address changed.
///
/// # Errors
/// [`StoreError`].
pub async fn void_all(
    client: &impl GenericClient,
    account: AccountId,
    now: OffsetDateTime,
) -> Result<(), StoreError> {
    void_older(client, account, i64::MAX, now).await
}
