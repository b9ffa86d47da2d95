//! Table `latchkey.outbox`: letters that were promised and not forgotten.

mod allowance;
mod operators;
mod outcomes;
mod stock;

use std::time::Duration;

use time::OffsetDateTime;
use tokio_postgres::Row;

use super::{GenericClient, StoreError, row::Columns};
use crate::domain::{AccountId, LetterKind};

pub use allowance::{Allowance, Asked, beyond_allowance, promise_within};
pub use operators::{Entry, Figures, Retry, Shelf, drop_letter, entry, figures, list, retry, retry_failed};
pub use outcomes::{Ending, give_up, give_up_overdue, retry_at, sent, sent_since};
pub use stock::take_stock;

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
    /// The address or user name, as given by whoever asked: nothing says yet that it belongs to anybody.
    pub recipient: &'a str,
    /// Whom the letter is about, where that is known.
    pub account: Option<AccountId>,
    /// Address of the client that asked.
    pub origin: Option<&'a str>,
    /// What the letter's link begins with, up to the key, where whoever asked may choose that.
    pub link: Option<&'a str>,
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
    /// The address or user name as it was asked for.
    pub recipient: String,
    /// Whom the letter is about, where that is known.
    pub account: Option<AccountId>,
    /// Address of the client that asked.
    pub origin: Option<String>,
    /// What the letter's link begins with, up to the key, where whoever asked chose that.
    pub link: Option<String>,
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
///
/// # Errors
/// [`StoreError`].
pub async fn promise(client: &impl GenericClient, promise: &Promise<'_>) -> Result<i64, StoreError> {
    const SQL: &str = "INSERT INTO latchkey.outbox \
         (kind, dialect, recipient, account_id, origin, promised_at, expires_at, due_at, link) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $6, $8) RETURNING id";
    let statement = client.prepare_cached(SQL).await?;
    let row = client
        .query_one(
            &statement,
            &[
                &promise.kind.as_str(),
                &promise.dialect,
                &promise.recipient,
                &promise.account.map(|account| account.0),
                &promise.origin,
                &promise.promised_at,
                &promise.expires_at,
                &promise.link,
            ],
        )
        .await?;
    Ok(row.try_get(0)?)
}

/// Takes up to `limit` due letters for `lease_for`, in the order of promise; other couriers pass them by.
///
/// A letter waits while another one to the same recipient is being carried. Kinds that a later release wrote are
/// left to it.
///
/// # Errors
/// [`StoreError`].
pub async fn lease(
    client: &impl GenericClient,
    now: OffsetDateTime,
    lease_for: Duration,
    limit: i64,
) -> Result<Vec<PromisedLetter>, StoreError> {
    const SQL: &str = "WITH due AS (SELECT w.id FROM latchkey.outbox w \
           WHERE w.sent_at IS NULL AND w.given_up_at IS NULL AND w.due_at <= $1 \
             AND (w.leased_until IS NULL OR w.leased_until <= $1) AND w.kind = ANY ($4) \
             AND lower(w.recipient) NOT IN (SELECT lower(recipient) FROM latchkey.outbox \
               WHERE sent_at IS NULL AND given_up_at IS NULL AND leased_until > $1) \
           ORDER BY w.id LIMIT $3 FOR UPDATE OF w SKIP LOCKED) \
         UPDATE latchkey.outbox o SET leased_until = $2, attempts = o.attempts + 1 FROM due \
         WHERE o.id = due.id \
         RETURNING o.id, o.kind, o.dialect, o.recipient, o.account_id, o.origin, o.link, o.promised_at, \
           o.expires_at, o.attempts";
    let known = LetterKind::ALL.map(LetterKind::as_str);
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
        link: columns.take()?,
        promised_at: columns.take()?,
        expires_at: columns.take()?,
        attempts: columns.take()?,
    })
}

/// What an `UPDATE` of the outbox `o` changes: the letters of the numbers `$1`, leased for the `$2`th time each, that are
/// still this courier's.
macro_rules! still_mine {
    () => {
        " FROM unnest($1::bigint[], $2::integer[]) AS mine (id, attempts) \
         WHERE o.id = mine.id AND o.attempts = mine.attempts AND o.leased_until IS NOT NULL"
    };
}

/// Prolongs the leases that are still this courier's.
///
/// # Errors
/// [`StoreError`].
pub async fn renew(
    client: &impl GenericClient,
    letters: &[&PromisedLetter],
    until: OffsetDateTime,
) -> Result<(), StoreError> {
    const SQL: &str = concat!("UPDATE latchkey.outbox o SET leased_until = $3", still_mine!());
    let (ids, attempts) = leases(letters);
    let statement = client.prepare_cached(SQL).await?;
    client.execute(&statement, &[&ids, &attempts, &until]).await?;
    Ok(())
}

/// Hands untried letters back, due as they were and uncounted; `why` is noted for the operator.
///
/// # Errors
/// [`StoreError`].
pub async fn release(
    client: &impl GenericClient,
    letters: &[&PromisedLetter],
    why: Option<&str>,
) -> Result<(), StoreError> {
    const SQL: &str = concat!(
        "UPDATE latchkey.outbox o SET leased_until = NULL, attempts = o.attempts - 1, \
           last_failure = coalesce($3, o.last_failure)",
        still_mine!()
    );
    let (ids, attempts) = leases(letters);
    let statement = client.prepare_cached(SQL).await?;
    client.execute(&statement, &[&ids, &attempts, &why.map(note)]).await?;
    Ok(())
}

fn leases(letters: &[&PromisedLetter]) -> (Vec<i64>, Vec<i32>) {
    letters.iter().map(|letter| (letter.id, letter.attempts)).unzip()
}

/// Locks leased letters until the end of the transaction and prolongs their leases; returns the numbers of those
/// that are still this courier's. The others were withdrawn, or another courier has them.
///
/// Whoever voids resets waits for that lock, so no key is minted behind the back of a password change.
///
/// # Errors
/// [`StoreError`]; [`StoreError::Unavailable`] also when somebody else holds one of them for too long.
pub async fn hold(
    client: &impl GenericClient,
    letters: &[&PromisedLetter],
    until: OffsetDateTime,
) -> Result<Vec<i64>, StoreError> {
    const SQL: &str = "WITH held AS (SELECT o.id FROM latchkey.outbox o \
           JOIN unnest($1::bigint[], $2::integer[]) AS mine (id, attempts) USING (id) \
           WHERE o.attempts = mine.attempts AND o.leased_until IS NOT NULL ORDER BY o.id FOR UPDATE OF o) \
         UPDATE latchkey.outbox o SET leased_until = $3 FROM held WHERE o.id = held.id RETURNING o.id";
    let (ids, attempts) = leases(letters);
    let statement = client.prepare_cached(SQL).await?;
    let rows = client.query(&statement, &[&ids, &attempts, &until]).await?;
    rows.iter().map(|row| Ok(row.try_get(0)?)).collect()
}

/// Lets one courier at a time lease under a common cap, until the end of the transaction.
///
/// # Errors
/// [`StoreError`]; [`StoreError::Unavailable`] also when the turn does not come in time.
pub async fn take_turns(client: &impl GenericClient) -> Result<(), StoreError> {
    /// Key of that lock: "outbox" in ASCII, and two zeros.
    const TURN: i64 = i64::from_be_bytes(*b"outbox\0\0");
    let statement = client.prepare_cached("SELECT pg_advisory_xact_lock($1)").await?;
    client.execute(&statement, &[&TURN]).await?;
    Ok(())
}

/// Removes letters that nobody is to get.
///
/// # Errors
/// [`StoreError`].
pub async fn forget(client: &impl GenericClient, ids: &[i64]) -> Result<(), StoreError> {
    let statement = client.prepare_cached("DELETE FROM latchkey.outbox WHERE id = ANY ($1)").await?;
    client.execute(&statement, &[&ids]).await?;
    Ok(())
}

/// Removes the letters that would open an account and have not gone out: its password or address changed.
///
/// Call it before anything else of the account is touched: whoever mints a key holds the letter first, so a key
/// that is being minted right now is stored by then, and nobody waits for each other.
///
/// # Errors
/// [`StoreError`]; [`StoreError::Unavailable`] also when a courier holds one of them for too long.
pub async fn withdraw(client: &impl GenericClient, account: AccountId) -> Result<(), StoreError> {
    // In the order in which couriers hold letters, so that nobody waits in a circle.
    const SQL: &str = "WITH voided AS (SELECT o.id FROM latchkey.outbox o JOIN public.tm_user u ON u.id = $1 \
           WHERE o.sent_at IS NULL AND o.given_up_at IS NULL AND o.kind = ANY ($2) \
             AND (o.account_id = u.id OR lower(o.recipient) IN (lower(u.email), lower(u.username))) \
           ORDER BY o.id FOR UPDATE OF o) \
         DELETE FROM latchkey.outbox o USING voided WHERE o.id = voided.id";
    let kinds = LetterKind::ALL.into_iter().filter(|kind| kind.opens_account());
    let kinds: Vec<_> = kinds.map(LetterKind::as_str).collect();
    let statement = client.prepare_cached(SQL).await?;
    client.execute(&statement, &[&account.0, &kinds]).await?;
    Ok(())
}

/// A reason as it is kept: one line, not too long.
fn note(reason: &str) -> String {
    reason.chars().map(|c| if c.is_control() { ' ' } else { c }).take(LONGEST_NOTE).collect()
}
