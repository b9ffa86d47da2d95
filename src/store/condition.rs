//! The condition that the database is in: whether it takes writes, and how far its schema is.

use time::OffsetDateTime;

use super::{GenericClient, StoreError, migrate};

/// What one cheap look finds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Condition {
    /// Whether it takes no writes: a standby, or set so by an operator.
    pub read_only: bool,
    /// Number of the newest step of the schema that was applied; `None` where nothing of ours is.
    pub schema: Option<i32>,
    /// Name of the first step by which a later release took away what this one may need, as in `V12__contract_token`.
    pub taken_away: Option<String>,
    /// What the server calls its version, as in `15.18 (Debian 15.18-0+deb12u1)`.
    pub version: String,
    /// What its clock shows.
    pub time: OffsetDateTime,
}

/// Looks.
///
/// # Errors
/// [`StoreError`].
pub async fn look(client: &impl GenericClient) -> Result<Condition, StoreError> {
    // A table that is not there can't be named in a statement, so it is asked for first.
    const SQL: &str = "SELECT current_setting('transaction_read_only') = 'on', \
           to_regclass('latchkey.schema_history') IS NOT NULL, current_setting('server_version'), \
           clock_timestamp()";
    const HISTORY: &str = "SELECT max(version), (SELECT 'V' || version || '__' || name \
           FROM latchkey.schema_history WHERE version > $1 AND starts_with(name, $2) ORDER BY version LIMIT 1) \
         FROM latchkey.schema_history";
    let row = client.query_one(&client.prepare_cached(SQL).await?, &[]).await?;
    let (schema, taken_away) = match row.try_get(1)? {
        true => {
            let statement = client.prepare_cached(HISTORY).await?;
            let known = migrate::of_this_release();
            let history = client.query_one(&statement, &[&known, &migrate::CONTRACTS]).await?;
            (history.try_get(0)?, history.try_get(1)?)
        }
        false => (None, None),
    };
    let (read_only, version, time) = (row.try_get(0)?, row.try_get(2)?, row.try_get(3)?);
    Ok(Condition { read_only, schema, taken_away, version, time })
}

/// How many sessions are live.
///
/// # Errors
/// [`StoreError`].
pub async fn live_sessions(client: &impl GenericClient, now: OffsetDateTime) -> Result<i64, StoreError> {
    const SQL: &str = "SELECT count(*) FROM latchkey.session WHERE ends_at > $1";
    let statement = client.prepare_cached(SQL).await?;
    Ok(client.query_one(&statement, &[&now]).await?.try_get(0)?)
}
