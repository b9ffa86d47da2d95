//! How letters end: sent, put off, or given up; and the tally of it.

use time::OffsetDateTime;

use super::{GenericClient, LONGEST_WAIT, PromisedLetter, StoreError, note};
use crate::domain::AccountId;

/// Why a letter is given up, as it is counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ending {
    /// The relay will never take it.
    Refused,
    /// Its time was over.
    Expired,
}

impl Ending {
    /// The name in the tally.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Refused => "refused",
            Self::Expired => "expired",
        }
    }
}

/// Counts the rows of `done` as letters that ended like this.
macro_rules! tallied {
    ($outcome:literal) => {
        concat!(
            "INSERT INTO latchkey.outbox_tally AS t (outcome, letters) SELECT ",
            $outcome,
            ", count(*) FROM done HAVING count(*) > 0 \
             ON CONFLICT ON CONSTRAINT outbox_tally_pkey DO UPDATE SET letters = t.letters + EXCLUDED.letters"
        )
    };
}

/// Notes that letters were accepted, and for whom. The addresses in the rows are no longer needed and go.
///
/// Holds even when a lease was lost meanwhile: accepted is accepted.
///
/// # Errors
/// [`StoreError`].
pub async fn sent(
    client: &impl GenericClient,
    letters: &[(i64, Option<AccountId>)],
    now: OffsetDateTime,
) -> Result<(), StoreError> {
    const SQL: &str = concat!(
        "WITH done AS (UPDATE latchkey.outbox o SET sent_at = $3, given_up_at = NULL, \
           leased_until = NULL, recipient = '', origin = NULL, link = NULL, last_failure = NULL, \
           account_id = (SELECT id FROM public.tm_user WHERE id = coalesce(o.account_id, mine.account)) \
           FROM unnest($1::bigint[], $2::bigint[]) AS mine (id, account) \
           WHERE o.id = mine.id AND o.sent_at IS NULL RETURNING o.id) ",
        tallied!("'sent'")
    );
    let (ids, accounts): (Vec<i64>, Vec<Option<i64>>) =
        letters.iter().map(|(id, account)| (*id, account.map(|account| account.0))).unzip();
    let statement = client.prepare_cached(SQL).await?;
    client.execute(&statement, &[&ids, &accounts, &now]).await?;
    Ok(())
}

/// How many letters were accepted after a moment or are being carried now: what counts against an hourly cap.
///
/// # Errors
/// [`StoreError`].
pub async fn sent_since(
    client: &impl GenericClient,
    since: OffsetDateTime,
    now: OffsetDateTime,
) -> Result<i64, StoreError> {
    const SQL: &str = "SELECT (SELECT count(*) FROM latchkey.outbox WHERE sent_at > $1) \
         + (SELECT count(*) FROM latchkey.outbox \
            WHERE sent_at IS NULL AND given_up_at IS NULL AND leased_until > $2)";
    let statement = client.prepare_cached(SQL).await?;
    Ok(client.query_one(&statement, &[&since, &now]).await?.try_get(0)?)
}

/// Ends the lease; the letter is tried again from `due` on.
///
/// # Errors
/// [`StoreError`].
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
///
/// # Errors
/// [`StoreError`].
pub async fn give_up(
    client: &impl GenericClient,
    letter: &PromisedLetter,
    ending: Ending,
    now: OffsetDateTime,
    reason: &str,
) -> Result<(), StoreError> {
    const SQL: &str = concat!(
        "WITH done AS (UPDATE latchkey.outbox \
           SET given_up_at = $3, leased_until = NULL, last_failure = $4 \
           WHERE id = $1 AND attempts = $2 AND leased_until IS NOT NULL RETURNING id) ",
        tallied!("$5")
    );
    let statement = client.prepare_cached(SQL).await?;
    client
        .execute(&statement, &[&letter.id, &letter.attempts, &now, &note(reason), &ending.as_str()])
        .await?;
    Ok(())
}

/// Gives up what waited past its end, and returns how many letters that were.
///
/// # Errors
/// [`StoreError`].
pub async fn give_up_overdue(client: &impl GenericClient, now: OffsetDateTime) -> Result<u64, StoreError> {
    const SQL: &str = concat!(
        "WITH over AS (SELECT id FROM latchkey.outbox \
           WHERE sent_at IS NULL AND given_up_at IS NULL AND (expires_at <= $1 OR promised_at <= $2) \
             AND (leased_until IS NULL OR leased_until <= $1) ORDER BY id FOR UPDATE SKIP LOCKED), \
         done AS (UPDATE latchkey.outbox o SET given_up_at = $1, leased_until = NULL, \
           last_failure = concat_ws(': ', 'not delivered in time', o.last_failure) \
           FROM over WHERE o.id = over.id RETURNING o.id), \
         counted AS (",
        tallied!("$3"),
        ") SELECT count(*) FROM done"
    );
    let statement = client.prepare_cached(SQL).await?;
    let row = client.query_one(&statement, &[&now, &(now - LONGEST_WAIT), &Ending::Expired.as_str()]).await?;
    Ok(row.try_get::<_, i64>(0)?.unsigned_abs())
}
