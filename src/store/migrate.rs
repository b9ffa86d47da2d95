//! Brings the database to the schema this release needs.

use anyhow::Context as _;
use tokio_postgres::{Client, NoTls};

mod steps {
    refinery::embed_migrations!("schema");
}

/// Where the history of applied steps is kept.
const HISTORY: &str = "latchkey.schema_history";
/// Key of the lock that lets one instance migrate while the others wait: "latchkey" in ASCII.
const LOCK: i64 = i64::from_be_bytes(*b"latchkey");

/// Applies the missing steps and returns their names. Instances that start together take turns.
///
/// # Errors
/// When the database can't be reached or a step fails; a failed step leaves nothing behind.
pub async fn run(url: &str) -> anyhow::Result<Vec<String>> {
    let (mut client, connection) =
        tokio_postgres::connect(url, NoTls).await.context("the database can't be reached")?;
    let driver = tokio::spawn(connection);
    let applied = locked(&mut client).await;
    drop(client);
    driver.await.context("the migration's connection broke")??;
    applied
}

/// refinery takes no lock of its own: of three instances at once two would fail.
async fn locked(client: &mut Client) -> anyhow::Result<Vec<String>> {
    client.execute("SELECT pg_advisory_lock($1)", &[&LOCK]).await?;
    client.batch_execute("SET client_min_messages = warning; CREATE SCHEMA IF NOT EXISTS latchkey").await?;
    let mut runner = steps::migrations::runner();
    let report = runner.set_migration_table_name(HISTORY).run_async(client).await?;
    Ok(report.applied_migrations().iter().map(ToString::to_string).collect())
}
