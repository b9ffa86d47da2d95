//! Table `latchkey.letter_allowance`: how many letters strangers may ask for, to one recipient in an hour.
//!
//! Counted twice. In the request by what was typed, whoever that is; and when the letter is written by the account, so
//! that its user name and its address share one allowance. Were the account counted in the request, an address that
//! runs out with a name would tell strangers that both are one person's.

use time::OffsetDateTime;

use super::{GenericClient, Promise, PromisedLetter};
use crate::{
    domain::{AccountId, Digest},
    store::StoreError,
};

/// What a recipient may be sent.
pub struct Allowance<'a> {
    /// Digest of the address or name, as [`Digest`] of its lower case.
    pub recipient: &'a Digest,
    /// Letters in an hour.
    pub an_hour: i32,
}

/// What became of a letter that somebody asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Asked {
    /// Promised under this number.
    Promised(i64),
    /// Not promised: the hour is over then.
    TooMany(OffsetDateTime),
}

/// How a letter is counted where some were: `a` is the count that is there.
macro_rules! one_more {
    () => {
        "ON CONFLICT (recipient) DO UPDATE SET \
           letters = CASE WHEN a.began_at <= EXCLUDED.began_at - interval '1 hour' THEN 1 ELSE a.letters + 1 END, \
           began_at = CASE WHEN a.began_at <= EXCLUDED.began_at - interval '1 hour' THEN EXCLUDED.began_at \
             ELSE a.began_at END"
    };
}

/// Promises a letter, if the recipient's allowance has room for it: one statement, the same for every recipient.
///
/// # Errors
/// [`StoreError`].
pub async fn promise_within(
    client: &impl GenericClient,
    letter: &Promise<'_>,
    allowance: &Allowance<'_>,
) -> Result<Asked, StoreError> {
    const SQL: &str = concat!(
        "WITH counted AS (INSERT INTO latchkey.letter_allowance AS a (recipient, letters, began_at) \
           VALUES ($9, 1, $7) ",
        one_more!(),
        " RETURNING letters, began_at), \
         promised AS (INSERT INTO latchkey.outbox \
           (kind, dialect, recipient, account_id, origin, link, promised_at, due_at, expires_at) \
           SELECT $1, $2, $3, $4, $5, $6, $7, $7, $8 FROM counted WHERE letters <= $10 RETURNING id) \
         SELECT (SELECT id FROM promised), began_at + interval '1 hour' FROM counted"
    );
    let statement = client.prepare_cached(SQL).await?;
    let kind = letter.kind.as_str();
    let account = letter.account.map(|id| id.0);
    let recipient = allowance.recipient.0.as_slice();
    let row = client
        .query_one(
            &statement,
            &[
                &kind,
                &letter.dialect,
                &letter.recipient,
                &account,
                &letter.origin,
                &letter.link,
                &letter.promised_at,
                &letter.expires_at,
                &recipient,
                &allowance.an_hour,
            ],
        )
        .await?;
    let number: Option<i64> = row.try_get(0)?;
    Ok(number.map_or(Asked::TooMany(row.try_get(1)?), Asked::Promised))
}

/// What an account's letters are counted under; no recipient that somebody types holds a NUL.
fn account_subject(AccountId(id): AccountId) -> Digest {
    Digest::of(format!("account\0{id}").as_bytes())
}

/// Counts letters that strangers asked for against the accounts they turned out to be for, and returns the numbers of
/// those beyond the `an_hour` that an account is to get. At most one letter an account; one that was minted for before is
/// not counted again.
///
/// Run it in the transaction that mints.
///
/// # Errors
/// [`StoreError`].
pub async fn beyond_allowance(
    client: &impl GenericClient,
    letters: &[(&PromisedLetter, AccountId)],
    an_hour: i32,
) -> Result<Vec<i64>, StoreError> {
    // In one order, so that couriers don't wait for each other in a circle.
    const SQL: &str = concat!(
        "WITH mine AS (SELECT * FROM unnest($1::bigint[], $2::bigint[], $3::bytea[], $4::timestamptz[]) \
           AS mine (letter, account, subject, asked_at) \
           WHERE NOT EXISTS (SELECT FROM latchkey.reset_request q WHERE q.outbox_id = mine.letter) \
             AND NOT EXISTS (SELECT FROM latchkey.temporary_password t \
               WHERE t.account_id = mine.account AND t.outbox_id = mine.letter)), \
         counted AS (INSERT INTO latchkey.letter_allowance AS a (recipient, letters, began_at) \
           SELECT subject, 1, asked_at FROM mine ORDER BY subject ",
        one_more!(),
        " RETURNING recipient, letters) \
         SELECT mine.letter FROM mine JOIN counted ON counted.recipient = mine.subject WHERE counted.letters > $5"
    );
    let numbers: Vec<i64> = letters.iter().map(|(letter, _)| letter.id).collect();
    let accounts: Vec<i64> = letters.iter().map(|(_, account)| account.0).collect();
    let subjects: Vec<Digest> = letters.iter().map(|(_, account)| account_subject(*account)).collect();
    let subjects: Vec<&[u8]> = subjects.iter().map(|subject| subject.0.as_slice()).collect();
    let moments: Vec<OffsetDateTime> = letters.iter().map(|(letter, _)| letter.promised_at).collect();
    let statement = client.prepare_cached(SQL).await?;
    let rows = client.query(&statement, &[&numbers, &accounts, &subjects, &moments, &an_hour]).await?;
    rows.iter().map(|row| Ok(row.try_get(0)?)).collect()
}
