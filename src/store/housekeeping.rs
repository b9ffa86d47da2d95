//! Clears away what is over, a few rows at a time: letters, keys, sessions, tokens, old events and counts.

use serde::Deserialize;
use time::{Duration, OffsetDateTime};

use super::{GenericClient, StoreError};

/// `[housekeeping]`: how long what is over is kept.
#[derive(Clone, Debug, Deserialize)]
#[cfg_attr(test, derive(PartialEq))]
#[serde(deny_unknown_fields, default)]
pub struct Retention {
    /// Days that the row of a sent letter stays; it holds no address and no text.
    pub sent_letters: u32,
    /// Days that a letter stays that was given up, so that somebody can look after it.
    pub failed_letters: u32,
    /// Days that keys and mailed passwords stay after their end. They open nothing then.
    pub keys: u32,
    /// Days that sessions and tokens stay after their end. They open nothing then.
    pub sessions: u32,
    /// Days that the audit trail reaches back.
    pub audit: u32,
    /// Days that a place and a program are remembered where nobody signed in with them any more.
    pub devices: u32,
}

impl Default for Retention {
    fn default() -> Self {
        Self { sent_letters: 7, failed_letters: 30, keys: 7, sessions: 1, audit: 365, devices: 180 }
    }
}

/// Rows removed by one statement: few enough that nobody waits for them.
pub const BATCH: i64 = 500;

/// The rows that a statement removes. `$1` is the moment before which they ended, `$2` how many. Rows that
/// another instance is clearing at this moment are passed by.
macro_rules! over {
    ($table:literal, $key:literal, $condition:literal) => {
        concat!(
            "DELETE FROM latchkey.",
            $table,
            " WHERE ",
            $key,
            " IN (SELECT ",
            $key,
            " FROM latchkey.",
            $table,
            " WHERE ",
            $condition,
            " LIMIT $2 FOR UPDATE SKIP LOCKED)"
        )
    };
}

const SENT: &str = over!("outbox", "id", "sent_at < $1");
const FAILED: &str = over!("outbox", "id", "given_up_at < $1");
// Their keys go with them. A request is looked for as long as an older letter to the same account may wait: a day.
const REQUESTS: &str = over!("reset_request", "id", "expires_at < $1::timestamptz - interval '1 day'");
const ADDRESSES: &str = over!("email_change", "account_id", "expires_at < $1");
const PASSWORDS: &str = over!("temporary_password", "digest", "expires_at < $1");
const SESSIONS: &str = over!("session", "id", "ends_at < $1");
const FAMILIES: &str = over!("token_family", "id", "refreshable_until < $1");
const AUTH_TOKENS: &str = over!("auth_token", "id", "expires_at < $1");

const AUDIT: &str = over!("audit_event", "id", "happened_at < $1");
const DEVICES: &str = over!("device", "ctid", "last_seen_at < $1");
// Both count within a day at most.
const FAILURES: &str = over!("throttle", "subject", "began_at < $1::timestamptz - interval '1 day'");
const ALLOWANCES: &str =
    over!("letter_allowance", "recipient", "began_at < $1::timestamptz - interval '1 day'");

/// Removes a batch of each kind, and returns the number of the largest: when it is [`BATCH`], there is more.
///
/// # Errors
/// [`StoreError`].
pub async fn clear(
    client: &impl GenericClient,
    retention: &Retention,
    now: OffsetDateTime,
) -> Result<u64, StoreError> {
    let before = |days: u32| now - Duration::days(i64::from(days));
    let steps = [
        (SENT, retention.sent_letters),
        (FAILED, retention.failed_letters),
        (REQUESTS, retention.keys),
        (ADDRESSES, retention.keys),
        (PASSWORDS, retention.keys),
        (SESSIONS, retention.sessions),
        (FAMILIES, retention.sessions),
        (AUTH_TOKENS, retention.sessions),
        (AUDIT, retention.audit),
        (DEVICES, retention.devices),
        (FAILURES, 0),
        (ALLOWANCES, 0),
    ];
    let mut most = 0;
    for (statement, days) in steps {
        let statement = client.prepare_cached(statement).await?;
        most = most.max(client.execute(&statement, &[&before(days), &BATCH]).await?);
    }
    Ok(most)
}
