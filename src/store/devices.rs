//! Table `latchkey.device`: where and with what accounts were signed in to.

use time::OffsetDateTime;

use super::{GenericClient, StoreError};
use crate::domain::{AccountId, Digest};

/// A place and a program that an account is signed in to with.
pub struct Device<'a> {
    /// Whose account.
    pub account: AccountId,
    /// The network.
    pub place: &'a str,
    /// Digest of what the program calls itself, without its version.
    pub program: &'a Digest,
}

/// Whether somebody was here before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Arrival {
    /// With this program at this place.
    Known,
    /// The account's first sign-in of all.
    First,
    /// From somewhere else, or with something else, so far.
    New,
}

/// Whether a device was seen in the last day, at the time `$now`: then there is nothing to note of a sign-in with it.
macro_rules! seen_today {
    ($account:literal, $place:literal, $program:literal, $now:literal) => {
        concat!(
            "EXISTS (SELECT FROM latchkey.device d WHERE d.account_id = ",
            $account,
            " AND d.place = ",
            $place,
            " AND d.program = ",
            $program,
            " AND d.last_seen_at > ",
            $now,
            "::timestamptz - interval '1 day')"
        )
    };
}
pub(super) use seen_today;

/// Notes a sign-in. A device that was seen today is not written again.
///
/// # Errors
/// [`StoreError`].
pub async fn arrive(
    client: &impl GenericClient,
    device: &Device<'_>,
    now: OffsetDateTime,
) -> Result<Arrival, StoreError> {
    const SQL: &str = "WITH known AS (SELECT last_seen_at FROM latchkey.device \
           WHERE account_id = $1 AND place = $2 AND program = $3), \
         others AS (SELECT EXISTS (SELECT FROM latchkey.device WHERE account_id = $1) AS were), \
         made AS (INSERT INTO latchkey.device (account_id, place, program, first_seen_at, last_seen_at) \
           SELECT $1, $2, $3, $4, $4 WHERE NOT EXISTS (SELECT FROM known) ON CONFLICT DO NOTHING RETURNING 1), \
         seen AS (UPDATE latchkey.device SET last_seen_at = $4 WHERE account_id = $1 AND place = $2 AND program = $3 \
           AND EXISTS (SELECT FROM known WHERE last_seen_at < $4::timestamptz - interval '1 day')) \
         SELECT EXISTS (SELECT FROM made), (SELECT were FROM others)";
    let statement = client.prepare_cached(SQL).await?;
    let program = device.program.0.as_slice();
    let row = client.query_one(&statement, &[&device.account.0, &device.place, &program, &now]).await?;
    Ok(match (row.try_get(0)?, row.try_get(1)?) {
        (false, _) => Arrival::Known,
        (true, false) => Arrival::First,
        (true, true) => Arrival::New,
    })
}

/// Whether the account was signed in to from this place before.
///
/// # Errors
/// [`StoreError`].
pub async fn knows(client: &impl GenericClient, account: AccountId, place: &str) -> Result<bool, StoreError> {
    const SQL: &str = "SELECT EXISTS (SELECT FROM latchkey.device WHERE account_id = $1 AND place = $2)";
    let statement = client.prepare_cached(SQL).await?;
    Ok(client.query_one(&statement, &[&account.0, &place]).await?.try_get(0)?)
}
