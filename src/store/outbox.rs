//! Table `latchkey.outbox`: letters that were promised and not forgotten.

use std::time::Duration;

use deadpool_postgres::GenericClient;
use time::OffsetDateTime;
use tokio_postgres::Row;

use super::{StoreError, row::Columns};
use crate::domain::{AccountId, EmailAddress, LetterKind};

/// No letter is tried for longer than this, whatever its own end is.
const LONGEST_WAIT: Duration = Duration::from_hours(24);
/// Longest note on a failure, in characters; relays can be talkative.
const LONGEST_NOTE: usize = 500;

/// A letter to promise.
pub struct Promise<'a> {
    /// What the letter is for.
    pub kind: LetterKind,
    /// Name of the dialect it was asked for in; it decides where a link leads.
    pub dialect: &'a str,
    /// The address, as given by whoever asked: nothing says yet that it belongs to anybody.
    pub recipient: &'a EmailAddress,
    /// Whom the letter is about, where that is known.
    pub account: Option<AccountId>,
    /// Address of the client that asked.
    pub origin: Option<&'a str>,
    /// The moment of the promise.
    pub promised_at: OffsetDateTime,
    /// From then on the letter is of no use; later than `promised_at`.
    pub expires_at: OffsetDateTime,
}

/// A promised letter, leased to one courier.
#[derive(Clone)]
pub struct PromisedLetter {
    /// Database identity; letters go out in this order.
    pub id: i64,
    /// What the letter is for.
    pub kind: LetterKind,
    /// Name of the dialect it was asked for in.
    pub dialect: String,
    /// The address as it was asked for.
    pub recipient: String,
    /// Whom the letter is about, where that is known.
    pub account: Option<AccountId>,
    /// Address of the client that asked.
    pub origin: Option<String>,
    /// The moment of the promise.
    pub promised_at: OffsetDateTime,
    /// From then on the letter is of no use.
    pub expires_at: OffsetDateTime,
    /// How often the letter was leased, this time included. It also tells this lease from the next one.
    pub attempts: i32,
}

impl PromisedLetter {
    /// When the letter is given up: at its end, after a day at the latest.
    pub fn deadline(&self) -> OffsetDateTime {
        self.expires_at.min(self.promised_at + LONGEST_WAIT)
    }
}

/// Promises a letter and returns its number. Ring the bell after the commit.
pub async fn promise(client: &impl GenericClient, promise: &Promise<'_>) -> Result<i64, StoreError> {
    const SQL: &str = "INSERT INTO latchkey.outbox \
         (kind, dialect, recipient, account_id, origin, promised_at, expires_at, due_at) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $6) RETURNING id";
    let statement = client.prepare_cached(SQL).await?;
    let row = client
        .query_one(
            &statement,
            &[
                &promise.kind.as_str(),
                &promise.dialect,
                &promise.recipient.as_str(),
                &promise.account.map(|account| account.0),
                &promise.origin,
                &promise.promised_at,
                &promise.expires_at,
            ],
        )
        .await?;
    Ok(row.try_get(0)?)
}

/// Takes up to `limit` due letters for `lease_for`, in the order of promise; other couriers pass them by.
///
/// Kinds that a later release wrote are left to it.
pub async fn lease(
    client: &impl GenericClient,
    now: OffsetDateTime,
    lease_for: Duration,
    limit: i64,
) -> Result<Vec<PromisedLetter>, StoreError> {
    const SQL: &str = "WITH due AS (SELECT id FROM latchkey.outbox \
           WHERE sent_at IS NULL AND given_up_at IS NULL AND due_at <= $1 \
             AND (leased_until IS NULL OR leased_until <= $1) AND kind = ANY ($4) \
           ORDER BY id LIMIT $3 FOR UPDATE SKIP LOCKED) \
         UPDATE latchkey.outbox o SET leased_until = $2, attempts = o.attempts + 1 FROM due \
         WHERE o.id = due.id \
         RETURNING o.id, o.kind, o.dialect, o.recipient, o.account_id, o.origin, o.promised_at, o.expires_at, \
           o.attempts";
    let known = [LetterKind::PasswordReset, LetterKind::PasswordChanged].map(LetterKind::as_str);
    let statement = client.prepare_cached(SQL).await?;
    let rows = client.query(&statement, &[&now, &(now + lease_for), &limit, &known.as_slice()]).await?;
    let mut letters = rows.iter().map(read).collect::<Result<Vec<_>, _>>()?;
    letters.sort_by_key(|letter| letter.id);
    Ok(letters)
}

fn read(row: &Row) -> Result<PromisedLetter, StoreError> {
    let mut columns = Columns::of(row);
    let id = columns.take()?;
    let kind: &str = columns.take()?;
    Ok(PromisedLetter {
        id,
        kind: LetterKind::parse(kind).ok_or_else(|| StoreError::Corrupt(format!("kind of letter {id}")))?,
        dialect: columns.take()?,
        recipient: columns.take()?,
        account: columns.take::<Option<i64>>()?.map(AccountId),
        origin: columns.take()?,
        promised_at: columns.take()?,
        expires_at: columns.take()?,
        attempts: columns.take()?,
    })
}

/// Prolongs the leases that are still this courier's.
pub async fn renew(
    client: &impl GenericClient,
    letters: &[&PromisedLetter],
    until: OffsetDateTime,
) -> Result<(), StoreError> {
    const SQL: &str = "UPDATE latchkey.outbox o SET leased_until = $3 \
         FROM unnest($1::bigint[], $2::integer[]) AS mine (id, attempts) \
         WHERE o.id = mine.id AND o.attempts = mine.attempts AND o.leased_until IS NOT NULL";
    let (ids, attempts) = leases(letters);
    let statement = client.prepare_cached(SQL).await?;
    client.execute(&statement, &[&ids, &attempts, &until]).await?;
    Ok(())
}

/// Hands untried letters back, due as they were and uncounted; `why` is noted for the operator.
pub async fn release(
    client: &impl GenericClient,
    letters: &[&PromisedLetter],
    why: Option<&str>,
) -> Result<(), StoreError> {
    const SQL: &str = "UPDATE latchkey.outbox o SET leased_until = NULL, attempts = o.attempts - 1, \
           last_failure = coalesce($3, o.last_failure) \
         FROM unnest($1::bigint[], $2::integer[]) AS mine (id, attempts) \
         WHERE o.id = mine.id AND o.attempts = mine.attempts AND o.leased_until IS NOT NULL";
    let (ids, attempts) = leases(letters);
    let statement = client.prepare_cached(SQL).await?;
    client.execute(&statement, &[&ids, &attempts, &why.map(note)]).await?;
    Ok(())
}

fn leases(letters: &[&PromisedLetter]) -> (Vec<i64>, Vec<i32>) {
    letters.iter().map(|letter| (letter.id, letter.attempts)).unzip()
}

/// Locks a leased letter until the end of the transaction; `false` when it was voided or another courier has it.
///
/// Whoever voids resets waits for that lock, so no key is minted behind the back of a password change.
pub async fn hold(client: &impl GenericClient, letter: &PromisedLetter) -> Result<bool, StoreError> {
    const SQL: &str = "SELECT id FROM latchkey.outbox \
         WHERE id = $1 AND attempts = $2 AND leased_until IS NOT NULL FOR UPDATE";
    let statement = client.prepare_cached(SQL).await?;
    Ok(client.query_opt(&statement, &[&letter.id, &letter.attempts]).await?.is_some())
}

/// Notes that the letter was accepted, and for whom. The addresses in the row are no longer needed and go.
///
/// Holds even when the lease was lost meanwhile: accepted is accepted.
pub async fn sent(
    client: &impl GenericClient,
    letter: &PromisedLetter,
    account: AccountId,
    now: OffsetDateTime,
) -> Result<(), StoreError> {
    const SQL: &str = "UPDATE latchkey.outbox SET sent_at = $3, given_up_at = NULL, leased_until = NULL, \
           recipient = '', origin = NULL, last_failure = NULL, account_id = coalesce(account_id, $2) \
         WHERE id = $1 AND sent_at IS NULL";
    let statement = client.prepare_cached(SQL).await?;
    client.execute(&statement, &[&letter.id, &account.0, &now]).await?;
    Ok(())
}

/// Ends the lease; the letter is tried again from `due` on.
pub async fn retry_at(
    client: &impl GenericClient,
    letter: &PromisedLetter,
    due: OffsetDateTime,
    reason: &str,
) -> Result<(), StoreError> {
    const SQL: &str = "UPDATE latchkey.outbox SET due_at = $3, leased_until = NULL, last_failure = $4 \
         WHERE id = $1 AND attempts = $2 AND leased_until IS NOT NULL";
    let statement = client.prepare_cached(SQL).await?;
    client.execute(&statement, &[&letter.id, &letter.attempts, &due, &note(reason)]).await?;
    Ok(())
}

/// Ends the lease and the letter: it can't be delivered. The row stays, so that an operator sees why.
pub async fn give_up(
    client: &impl GenericClient,
    letter: &PromisedLetter,
    now: OffsetDateTime,
    reason: &str,
) -> Result<(), StoreError> {
    const SQL: &str = "UPDATE latchkey.outbox SET given_up_at = $3, leased_until = NULL, last_failure = $4 \
         WHERE id = $1 AND attempts = $2 AND leased_until IS NOT NULL";
    let statement = client.prepare_cached(SQL).await?;
    client.execute(&statement, &[&letter.id, &letter.attempts, &now, &note(reason)]).await?;
    Ok(())
}

/// Gives up what waited past its end, and returns how many letters that were.
pub async fn give_up_overdue(client: &impl GenericClient, now: OffsetDateTime) -> Result<u64, StoreError> {
    const SQL: &str = "UPDATE latchkey.outbox SET given_up_at = $1, leased_until = NULL, \
           last_failure = concat_ws(': ', 'not delivered in time', last_failure) \
         WHERE sent_at IS NULL AND given_up_at IS NULL AND (expires_at <= $1 OR promised_at <= $2) \
           AND (leased_until IS NULL OR leased_until <= $1)";
    let statement = client.prepare_cached(SQL).await?;
    Ok(client.execute(&statement, &[&now, &(now - LONGEST_WAIT)]).await?)
}

/// Removes a letter that nobody is to get.
pub async fn forget(client: &impl GenericClient, id: i64) -> Result<(), StoreError> {
    let statement = client.prepare_cached("DELETE FROM latchkey.outbox WHERE id = $1").await?;
    client.execute(&statement, &[&id]).await?;
    Ok(())
}

/// Removes reset letters to an address that have not gone out, compared without case: the password or the
/// address changed.
///
/// Call it before voiding the account's keys: a key that is being minted right now is stored by then.
pub async fn void_resets_to(client: &impl GenericClient, address: &EmailAddress) -> Result<(), StoreError> {
    const SQL: &str = "DELETE FROM latchkey.outbox WHERE sent_at IS NULL AND given_up_at IS NULL \
         AND kind = $1 AND lower(recipient) = lower($2)";
    let statement = client.prepare_cached(SQL).await?;
    client.execute(&statement, &[&LetterKind::PasswordReset.as_str(), &address.as_str()]).await?;
    Ok(())
}

fn note(reason: &str) -> String {
    reason.chars().map(|c| if c.is_control() { ' ' } else { c }).take(LONGEST_NOTE).collect()
}
