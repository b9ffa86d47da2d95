//! Table `latchkey.letter_allowance`: how many letters strangers may ask for, to one recipient in an hour.

use crate::store::GenericClient;
use time::OffsetDateTime;

use super::Promise;
use crate::{domain::Digest, store::StoreError};

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

/// Promises a letter, if the recipient's allowance has room for it: one statement, the same for every recipient.
pub async fn promise_within(
    client: &impl GenericClient,
    letter: &Promise<'_>,
    allowance: &Allowance<'_>,
) -> Result<Asked, StoreError> {
    const SQL: &str = "WITH counted AS (INSERT INTO latchkey.letter_allowance AS a (recipient, letters, began_at) \
           VALUES ($9, 1, $7) ON CONFLICT (recipient) DO UPDATE SET \
             letters = CASE WHEN a.began_at <= $7::timestamptz - interval '1 hour' THEN 1 ELSE a.letters + 1 END, \
             began_at = CASE WHEN a.began_at <= $7 - interval '1 hour' THEN $7 ELSE a.began_at END \
           RETURNING letters, began_at), \
         promised AS (INSERT INTO latchkey.outbox \
           (kind, dialect, recipient, account_id, origin, link, promised_at, due_at, expires_at) \
           SELECT $1, $2, $3, $4, $5, $6, $7, $7, $8 FROM counted WHERE letters <= $10 RETURNING id) \
         SELECT (SELECT id FROM promised), began_at + interval '1 hour' FROM counted";
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
