//! Table `latchkey.audit_event`: what was done to accounts, by whom, from where.

use serde_json::Value;
use time::OffsetDateTime;

use super::{GenericClient, StoreError, Transaction, row::Columns};
use crate::domain::{AccountId, AuditKind};

/// Something that is happening in the present transaction.
pub struct NewEvent<'a> {
    /// What.
    pub kind: AuditKind,
    /// Whom it is about.
    pub account: Option<AccountId>,
    /// Whose sign-in it is done with.
    pub actor: Option<AccountId>,
    /// The contract it came by, `pages` or `cli`.
    pub dialect: &'a str,
    /// The client's address.
    pub address: Option<&'a str>,
    /// More about it, without anything secret.
    pub detail: Option<&'a Value>,
}

/// Events that are put down in a transaction which is not committed yet.
#[derive(Default)]
#[must_use = "collectors of the log hear of it once the transaction is committed"]
pub struct Written(Vec<Line>);

struct Line {
    kind: AuditKind,
    account: Option<i64>,
    actor: Option<i64>,
    dialect: String,
    address: Option<String>,
    detail: Option<Value>,
}

impl Written {
    /// An event that was put down.
    pub fn of(event: &NewEvent<'_>) -> Self {
        if !tracing::enabled!(target: "latchkey::audit", tracing::Level::DEBUG) {
            return Self::default();
        }
        let NewEvent { kind, account, actor, dialect, address, detail } = *event;
        let (account, actor) = (account.map(|id| id.0), actor.map(|id| id.0));
        let (dialect, address, detail) = (dialect.to_owned(), address.map(str::to_owned), detail.cloned());
        Self(vec![Line { kind, account, actor, dialect, address, detail }])
    }

    /// These and others of the same transaction.
    pub fn and(mut self, others: Self) -> Self {
        self.0.extend(others.0);
        self
    }

    /// Commits the transaction in which they were put down, then tells whoever collects the log.
    ///
    /// # Errors
    /// Those of [`Transaction::commit`]; nobody is told then.
    pub async fn commit(self, tx: Transaction<'_>) -> Result<(), StoreError> {
        tx.commit().await?;
        self.tell();
        Ok(())
    }

    /// Says them to whoever collects the log, by the level `debug` of `latchkey::audit`: after the commit.
    fn tell(self) {
        for Line { kind, account, actor, dialect, address, detail } in self.0 {
            let detail = detail.map(|detail| detail.to_string());
            let event = kind.as_str();
            tracing::debug!(target: "latchkey::audit", event, account, actor, dialect, address, detail);
        }
    }
}

/// Puts an event down, in the transaction of the act.
///
/// # Errors
/// [`StoreError`].
pub async fn write(
    client: &impl GenericClient,
    event: &NewEvent<'_>,
    now: OffsetDateTime,
) -> Result<Written, StoreError> {
    const SQL: &str = "INSERT INTO latchkey.audit_event \
           (happened_at, event, account_id, actor_id, dialect, address, detail) VALUES ($1, $2, $3, $4, $5, $6, $7)";
    let statement = client.prepare_cached(SQL).await?;
    let NewEvent { kind, account, actor, dialect, address, detail } = *event;
    let (account, actor) = (account.map(|id| id.0), actor.map(|id| id.0));
    client
        .execute(&statement, &[&now, &kind.as_str(), &account, &actor, &dialect, &address, &detail])
        .await?;
    Ok(Written::of(event))
}

/// A letter to get back in that somebody asked for who is not signed in.
pub struct AskedLetter<'a> {
    /// Its number.
    pub letter: i64,
    /// Whose account it opens; none where nobody has the name that was given.
    pub account: Option<AccountId>,
    /// The contract it was asked for in.
    pub dialect: &'a str,
    /// The address of the client that asked.
    pub address: Option<&'a str>,
    /// When.
    pub asked_at: OffsetDateTime,
}

/// Puts down who asked for letters, once for each letter, however often it is tried.
///
/// # Errors
/// [`StoreError`].
pub async fn write_asked(client: &impl GenericClient, asked: &[AskedLetter<'_>]) -> Result<(), StoreError> {
    const SQL: &str = "INSERT INTO latchkey.audit_event (happened_at, event, account_id, dialect, address, detail) \
         SELECT a.asked_at, $6, a.account_id, a.dialect, a.address, jsonb_build_object('letter', a.letter) \
         FROM unnest($1::bigint[], $2::bigint[], $3::text[], $4::text[], $5::timestamptz[]) \
           AS a (letter, account_id, dialect, address, asked_at) \
         WHERE NOT EXISTS (SELECT FROM latchkey.audit_event e WHERE e.happened_at = a.asked_at AND e.event = $6 \
           AND e.detail = jsonb_build_object('letter', a.letter))";
    let statement = client.prepare_cached(SQL).await?;
    let letters: Vec<_> = asked.iter().map(|asked| asked.letter).collect();
    let accounts: Vec<_> = asked.iter().map(|asked| asked.account.map(|id| id.0)).collect();
    let dialects: Vec<_> = asked.iter().map(|asked| asked.dialect).collect();
    let addresses: Vec<_> = asked.iter().map(|asked| asked.address).collect();
    let moments: Vec<_> = asked.iter().map(|asked| asked.asked_at).collect();
    let event = AuditKind::ResetAsked.as_str();
    client.execute(&statement, &[&letters, &accounts, &dialects, &addresses, &moments, &event]).await?;
    Ok(())
}

/// What is looked for in the trail. An empty filter finds everything.
#[derive(Clone, Debug, Default)]
pub struct AuditFilter {
    /// About this account, or done with its sign-in.
    pub account: Option<AccountId>,
    /// Of this kind only.
    pub kind: Option<AuditKind>,
    /// Not before.
    pub since: Option<OffsetDateTime>,
    /// Older than the event of this number: the next page.
    pub before: Option<i64>,
}

/// An event, as it is shown.
#[derive(Clone, Debug)]
pub struct AuditEvent {
    /// Its number: later ones have higher numbers.
    pub id: i64,
    /// When.
    pub happened_at: OffsetDateTime,
    /// What, by its stored name: a later release may know kinds that this one doesn't.
    pub event: String,
    /// Whom it is about.
    pub account: Option<AccountId>,
    /// What that account is called now, if it is still there.
    pub account_name: Option<String>,
    /// Whose sign-in it was done with.
    pub actor: Option<AccountId>,
    /// What that account is called now, if it is still there.
    pub actor_name: Option<String>,
    /// The contract it came by, `pages` or `cli`.
    pub dialect: String,
    /// The client's address.
    pub address: Option<String>,
    /// More about it.
    pub detail: Option<Value>,
}

/// The newest events that meet a condition and the rest of the filter: `$1` account, `$2` kind, `$3` since, `$4`
/// before, `$5` how many.
macro_rules! newest_where {
    ($condition:literal) => {
        concat!(
            "(SELECT e.* FROM latchkey.audit_event e WHERE ",
            $condition,
            " AND ($2::text IS NULL OR e.event = $2) AND ($3::timestamptz IS NULL OR e.happened_at >= $3) \
             AND ($4::bigint IS NULL OR e.id < $4) ORDER BY e.id DESC LIMIT $5)"
        )
    };
}

/// The events of `wanted` with the present names of those concerned.
macro_rules! named {
    ($($wanted:expr),+) => {
        concat!(
            "WITH wanted AS (",
            $($wanted,)+
            ") SELECT w.id, w.happened_at, w.event, w.account_id, a.username, w.actor_id, b.username, w.dialect, \
               w.address, w.detail FROM wanted w LEFT JOIN public.tm_user a ON a.id = w.account_id \
             LEFT JOIN public.tm_user b ON b.id = w.actor_id ORDER BY w.id DESC LIMIT $5"
        )
    };
}

const OF_ALL: &str = named!(newest_where!("$1::bigint IS NULL"));
// One index serves each of the two ways in which an event concerns an account.
const OF_ACCOUNT: &str = named!(
    newest_where!("e.account_id = $1::bigint"),
    " UNION ALL ",
    newest_where!("e.actor_id = $1::bigint AND e.account_id IS DISTINCT FROM $1::bigint")
);

/// The newest events that the filter lets through, the newest first.
///
/// # Errors
/// [`StoreError`].
pub async fn list(
    client: &impl GenericClient,
    filter: &AuditFilter,
    limit: i64,
) -> Result<Vec<AuditEvent>, StoreError> {
    let sql = if filter.account.is_some() { OF_ACCOUNT } else { OF_ALL };
    let statement = client.prepare_cached(sql).await?;
    let (account, kind) = (filter.account.map(|id| id.0), filter.kind.map(AuditKind::as_str));
    let rows = client.query(&statement, &[&account, &kind, &filter.since, &filter.before, &limit]).await?;
    rows.iter()
        .map(|row| {
            let mut columns = Columns::of(row);
            Ok(AuditEvent {
                id: columns.take()?,
                happened_at: columns.take()?,
                event: columns.take()?,
                account: columns.take::<Option<i64>>()?.map(AccountId),
                account_name: columns.take()?,
                actor: columns.take::<Option<i64>>()?.map(AccountId),
                actor_name: columns.take()?,
                dialect: columns.take()?,
                address: columns.take()?,
                detail: columns.take()?,
            })
        })
        .collect()
}
