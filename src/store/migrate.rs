//! Brings the database to the schema this release needs.

use std::time::Duration;

use anyhow::{Context as _, bail};
use tokio::task::JoinHandle;
use tokio_postgres::{Client, SimpleQueryMessage};

use super::route::Route;

mod steps {
    refinery::embed_migrations!("schema");
}

/// Where the history of applied steps is kept.
const HISTORY: &str = "latchkey.schema_history";
/// Key of the lock that lets one instance migrate while the others wait: "latchkey" in ASCII.
const LOCK: i64 = i64::from_be_bytes(*b"latchkey");
/// How long a server of the database may take to let us in.
const CONNECT: Duration = Duration::from_secs(15);
/// A step of this name takes something away that the release before it still used (`docs/operating/postgresql.md`).
pub(super) const CONTRACTS: &str = "contract_";
/// What is said of a schema that a later release has brought further, when this one can use it.
pub const EXTENDED: &str = "a later release has extended the schema; this one works with it";
/// What latchkey uses of Traffic Ops' tables; a database that has `tm_user` must have all of it to be adopted.
const ADOPTED: [&str; 8] =
    ["tenant", "role", "role_capability", "tm_user", "log", "last_deleted", "capability", "api_capability"];

/// Applies the missing steps and returns their names. Instances that start together take turns.
///
/// A database that a later release has brought further is left as it is: what is there is enough for this release,
/// unless a step took something away.
///
/// # Errors
/// When the database can't be reached, is too new, or a step fails; a failed step leaves nothing behind.
pub async fn run(url: &str) -> anyhow::Result<Vec<String>> {
    let route = Route::to(url, None, CONNECT)?;
    let (turn, mut worker) = (Session::open(&route).await?, Session::open(&route).await?);
    // refinery takes no lock of its own: of three instances at once two would fail. The lock is one of a transaction,
    // on a connection of its own: a pooler that lends servers by the transaction keeps that one for us until its end.
    let lock = format!(
        "BEGIN; SET LOCAL statement_timeout = 0; SET LOCAL idle_in_transaction_session_timeout = 0; \
         SELECT pg_advisory_xact_lock({LOCK})"
    );
    turn.client.batch_execute(&lock).await?;
    let applied = apply(&mut worker.client).await;
    worker.close().await;
    turn.client.batch_execute("COMMIT").await?;
    turn.close().await;
    applied
}

/// The number of the newest step that this release knows.
pub fn of_this_release() -> i32 {
    steps::migrations::runner()
        .get_migrations()
        .iter()
        .map(refinery::Migration::version)
        .max()
        .unwrap_or_default()
}

async fn apply(client: &mut Client) -> anyhow::Result<Vec<String>> {
    if first_value(client, "SELECT to_regclass('latchkey.schema_history')").await?.is_none() {
        judge_what_is_there(client).await?;
        client.batch_execute("CREATE SCHEMA IF NOT EXISTS latchkey").await?;
    } else {
        judge_later_steps(client).await?;
    }
    let mut runner = steps::migrations::runner().set_abort_missing(false);
    let report = runner.set_migration_table_name(HISTORY).run_async(client).await?;
    Ok(report.applied_migrations().iter().map(ToString::to_string).collect())
}

/// Before anything of ours is there: is it empty, a Traffic Ops database, or somebody else's?
async fn judge_what_is_there(client: &Client) -> anyhow::Result<()> {
    if first_value(client, "SELECT to_regclass('public.tm_user')").await?.is_none() {
        return Ok(());
    }
    for table in ADOPTED {
        let question = format!("SELECT to_regclass('public.{table}')");
        if first_value(client, &question).await?.is_none() {
            bail!(
                "the database has a table public.tm_user and no public.{table}: it is no Traffic Ops database that can \
                 be adopted (those of 7.0 and later can), and latchkey does not mix its accounts with another's"
            );
        }
    }
    tracing::info!("a Traffic Ops database was found: its tables are used as they are");
    Ok(())
}

/// What a later release has done to the schema.
async fn judge_later_steps(client: &Client) -> anyhow::Result<()> {
    let newest = of_this_release();
    let question = format!("SELECT version, name FROM {HISTORY} WHERE version > {newest} ORDER BY version");
    let later = rows(client, &question).await?;
    let named = |(version, name): &(String, String)| format!("V{version}__{name}");
    if let Some(step) = later.iter().find(|(_, name)| name.starts_with(CONTRACTS)) {
        bail!("{}. {}", too_new(&named(step)), WAY_BACK);
    }
    if let Some(last) = later.last() {
        tracing::warn!(newest, found = named(last), "{EXTENDED}");
    }
    Ok(())
}

/// What is said of a schema that a later release has taken something from, by a step of this name.
pub fn too_new(step: &str) -> String {
    format!(
        "the database is too new: a later release took away what this one needs ({step}), and this one knows the \
         schema up to V{}",
        of_this_release()
    )
}

/// What to do about it.
pub const WAY_BACK: &str = "Start the later release, or restore a backup from before it";

/// A connection outside the pool.
struct Session {
    client: Client,
    driver: JoinHandle<()>,
}

impl Session {
    async fn open(route: &Route) -> anyhow::Result<Self> {
        let (client, driver) = route.connect().await.context("the database can't be reached")?;
        Ok(Self { client, driver })
    }

    /// Ends it, and waits until the server was told.
    async fn close(self) {
        drop(self.client);
        // A driver that broke has said so in the log.
        let _ = self.driver.await;
    }
}

async fn first_value(client: &Client, question: &str) -> anyhow::Result<Option<String>> {
    let answer = client.simple_query(question).await?;
    Ok(answer.iter().find_map(|message| match message {
        SimpleQueryMessage::Row(row) => row.get(0).map(str::to_owned),
        _ => None,
    }))
}

async fn rows(client: &Client, question: &str) -> anyhow::Result<Vec<(String, String)>> {
    let text = |value: Option<&str>| value.unwrap_or_default().to_owned();
    let answer = client.simple_query(question).await?;
    let rows = answer.iter().filter_map(|message| match message {
        SimpleQueryMessage::Row(row) => Some((text(row.get(0)), text(row.get(1)))),
        _ => None,
    });
    Ok(rows.collect())
}
