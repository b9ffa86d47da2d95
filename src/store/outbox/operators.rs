//! The outbox as operators see it: what waits, what failed, and a hand to help with.

use time::OffsetDateTime;
use tokio_postgres::Row;

use super::{GenericClient, LONGEST_WAIT, StoreError};
use crate::{domain::AccountId, store::row::Columns};

/// A part of the outbox.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shelf {
    /// Everything.
    All,
    /// Promised, and neither sent nor given up.
    Waiting,
    /// Accepted by a relay.
    Sent,
    /// Given up.
    Failed,
}

/// A letter as an operator sees it. Nothing in it opens an account.
pub struct Entry {
    /// Its number.
    pub id: i64,
    /// What it is for, as stored: a later release may know kinds that this one does not.
    pub kind: String,
    /// The contract it was asked for in.
    pub dialect: String,
    /// Whom it is for, as asked for; empty when it was sent.
    pub recipient: String,
    /// Whom it is about, where that is known.
    pub account: Option<AccountId>,
    /// Address of the client that asked; gone when it was sent.
    pub origin: Option<String>,
    /// When it was promised.
    pub promised_at: OffsetDateTime,
    /// From then on it is of no use.
    pub expires_at: OffsetDateTime,
    /// When it is tried next, while it waits.
    pub due_at: OffsetDateTime,
    /// Until when a courier has it, if one has.
    pub leased_until: Option<OffsetDateTime>,
    /// How often it was tried.
    pub attempts: i32,
    /// What went wrong the last time.
    pub last_failure: Option<String>,
    /// When a relay took it.
    pub sent_at: Option<OffsetDateTime>,
    /// When it was given up.
    pub given_up_at: Option<OffsetDateTime>,
}

impl Entry {
    /// `waiting`, `in delivery`, `sent` or `failed`.
    pub fn state(&self, now: OffsetDateTime) -> &'static str {
        match (self.sent_at, self.given_up_at, self.leased_until) {
            (Some(_), _, _) => "sent",
            (_, Some(_), _) => "failed",
            (_, _, Some(until)) if until > now => "in delivery",
            _ => "waiting",
        }
    }
}

macro_rules! entries {
    ($rest:literal) => {
        concat!(
            "SELECT id, kind, dialect, recipient, account_id, origin, promised_at, expires_at, due_at, \
             leased_until, attempts, last_failure, sent_at, given_up_at FROM latchkey.outbox ",
            $rest
        )
    };
}

/// The newest letters of a shelf, newest first; `before` leaves out that number and all newer ones.
///
/// # Errors
/// [`StoreError`].
pub async fn list(
    client: &impl GenericClient,
    shelf: Shelf,
    before: Option<i64>,
    limit: i64,
) -> Result<Vec<Entry>, StoreError> {
    let statement = match shelf {
        Shelf::All => entries!("WHERE id < $1 ORDER BY id DESC LIMIT $2"),
        Shelf::Waiting => {
            entries!("WHERE sent_at IS NULL AND given_up_at IS NULL AND id < $1 ORDER BY id DESC LIMIT $2")
        }
        Shelf::Sent => entries!("WHERE sent_at IS NOT NULL AND id < $1 ORDER BY id DESC LIMIT $2"),
        Shelf::Failed => entries!("WHERE given_up_at IS NOT NULL AND id < $1 ORDER BY id DESC LIMIT $2"),
    };
    let statement = client.prepare_cached(statement).await?;
    let rows = client.query(&statement, &[&before.unwrap_or(i64::MAX), &limit]).await?;
    rows.iter().map(read).collect()
}

/// One letter.
///
/// # Errors
/// [`StoreError`].
pub async fn entry(client: &impl GenericClient, id: i64) -> Result<Option<Entry>, StoreError> {
    let statement = client.prepare_cached(entries!("WHERE id = $1")).await?;
    client.query_opt(&statement, &[&id]).await?.as_ref().map(read).transpose()
}

fn read(row: &Row) -> Result<Entry, StoreError> {
    let mut columns = Columns::of(row);
    Ok(Entry {
        id: columns.take()?,
        kind: columns.take()?,
        dialect: columns.take()?,
        recipient: columns.take()?,
        account: columns.take::<Option<i64>>()?.map(AccountId),
        origin: columns.take()?,
        promised_at: columns.take()?,
        expires_at: columns.take()?,
        due_at: columns.take()?,
        leased_until: columns.take()?,
        attempts: columns.take()?,
        last_failure: columns.take()?,
        sent_at: columns.take()?,
        given_up_at: columns.take()?,
    })
}

/// What became of the wish to try a letter again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Retry {
    /// It is due now.
    Due,
    /// It was sent already.
    Sent,
    /// Its time is over: what it would say is true no more.
    Over,
    /// There is no such letter.
    Unknown,
}

/// Makes a letter due now that waits or was given up. Ring the bell after it.
///
/// # Errors
/// [`StoreError`].
pub async fn retry(client: &impl GenericClient, id: i64, now: OffsetDateTime) -> Result<Retry, StoreError> {
    const SQL: &str = "UPDATE latchkey.outbox SET due_at = $2, given_up_at = NULL \
         WHERE id = $1 AND sent_at IS NULL AND expires_at > $2 AND promised_at > $3";
    let statement = client.prepare_cached(SQL).await?;
    if client.execute(&statement, &[&id, &now, &(now - LONGEST_WAIT)]).await? == 1 {
        return Ok(Retry::Due);
    }
    Ok(match entry(client, id).await? {
        None => Retry::Unknown,
        Some(letter) if letter.sent_at.is_some() => Retry::Sent,
        Some(_) => Retry::Over,
    })
}

/// Makes every letter due now that was given up or put off and whose time is not over; returns how many.
///
/// # Errors
/// [`StoreError`].
pub async fn retry_failed(client: &impl GenericClient, now: OffsetDateTime) -> Result<u64, StoreError> {
    const SQL: &str = "UPDATE latchkey.outbox SET due_at = $1, given_up_at = NULL \
         WHERE sent_at IS NULL AND expires_at > $1 AND promised_at > $2 \
           AND (given_up_at IS NOT NULL OR due_at > $1)";
    let statement = client.prepare_cached(SQL).await?;
    Ok(client.execute(&statement, &[&now, &(now - LONGEST_WAIT)]).await?)
}

/// Removes a letter that was not sent; `false` when there is none. One that a relay is being told at this moment
/// may still arrive.
///
/// # Errors
/// [`StoreError`].
pub async fn drop_letter(client: &impl GenericClient, id: i64) -> Result<bool, StoreError> {
    const SQL: &str = "DELETE FROM latchkey.outbox WHERE id = $1 AND sent_at IS NULL";
    let statement = client.prepare_cached(SQL).await?;
    Ok(client.execute(&statement, &[&id]).await? == 1)
}

/// The outbox in numbers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Figures {
    /// Letters that wait or are being carried.
    pub waiting: i64,
    /// For how long the oldest of them has.
    pub oldest: Option<time::Duration>,
    /// What went wrong with the oldest the last time.
    pub oldest_failure: Option<String>,
    /// Letters that a relay took, since the beginning.
    pub sent: i64,
    /// Letters given up since the beginning, by reason: `refused`, `expired`.
    pub failed: Vec<(String, i64)>,
}

/// Counts.
///
/// # Errors
/// [`StoreError`].
pub async fn figures(client: &impl GenericClient, now: OffsetDateTime) -> Result<Figures, StoreError> {
    const WAITING: &str = "SELECT count(*), min(promised_at), (SELECT last_failure FROM latchkey.outbox \
           WHERE sent_at IS NULL AND given_up_at IS NULL ORDER BY id LIMIT 1) \
         FROM latchkey.outbox WHERE sent_at IS NULL AND given_up_at IS NULL";
    const ENDED: &str = "SELECT outcome, letters FROM latchkey.outbox_tally ORDER BY outcome";
    let (waiting, ended) = (client.prepare_cached(WAITING).await?, client.prepare_cached(ENDED).await?);
    let row = client.query_one(&waiting, &[]).await?;
    let ended = client.query(&ended, &[]).await?;
    let ended: Vec<(String, i64)> =
        ended.iter().map(|row| Ok((row.try_get(0)?, row.try_get(1)?))).collect::<Result<_, StoreError>>()?;
    let (sent, failed): (Vec<_>, Vec<_>) = ended.into_iter().partition(|(outcome, _)| outcome == "sent");
    Ok(Figures {
        waiting: row.try_get(0)?,
        oldest: row.try_get::<_, Option<OffsetDateTime>>(1)?.map(|promised| now - promised),
        oldest_failure: row.try_get(2)?,
        sent: sent.first().map_or(0, |(_, letters)| *letters),
        failed,
    })
}
