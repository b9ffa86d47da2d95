//! The database and the use cases over it, for commands that need no server.

use std::sync::Arc;

use anyhow::bail;

use super::{block_on, ground::Ground};
use crate::{
    app,
    config::Config,
    ports::{Bell, Counters, Hasher, OsEntropy, SystemClock},
    service::{Core, Services, Throttle},
    store::{
        Database,
        condition::{self, Condition},
        migrate,
    },
};

/// Runs a command on the database of the configuration, which must have the schema of this release.
pub(super) fn with_database<T>(
    config: &Config,
    command: impl AsyncFnOnce(Database) -> anyhow::Result<T>,
) -> anyhow::Result<T> {
    let ground = Ground::for_a_command(config)?;
    let done = block_on(async {
        let database = Database::open(&ground.url, &config.database)?;
        refuse_another_schema(&database).await?;
        command(database).await
    })?;
    ground.leave()?;
    Ok(done)
}

/// As [`with_database`], on the use cases.
pub(super) fn with_services<T>(
    config: &Config,
    command: impl AsyncFnOnce(Services) -> anyhow::Result<T>,
) -> anyhow::Result<T> {
    with_database(config, async |database| command(services(config, database)?).await)
}

/// As [`with_services`], for commands with which an installation may begin: brings the schema, and the private PostgreSQL.
pub(super) fn with_new_services<T>(
    config: &Config,
    command: impl AsyncFnOnce(Services) -> anyhow::Result<T>,
) -> anyhow::Result<T> {
    let ground = Ground::for_a_beginning(config)?;
    let done = block_on(async {
        ground.migrate().await?;
        command(services(config, Database::open(&ground.url, &config.database)?)?).await
    })?;
    ground.leave()?;
    Ok(done)
}

/// A command brings no schema: its connection string may be a wrong one, and an upgrade is the operator's to begin.
async fn refuse_another_schema(database: &Database) -> anyhow::Result<()> {
    let Condition { schema, taken_away, .. } = condition::look(&database.client().await?).await?;
    let ours = migrate::of_this_release();
    match (schema, taken_away) {
        (None, _) => bail!(
            "there is nothing of latchkey in this database: is database.url the right one? `latchkey serve`, `migrate` and \
             `import` begin a new installation"
        ),
        (Some(theirs), _) if theirs < ours => bail!(
            "the schema of the database is version {theirs}, and this release needs {ours}: run `latchkey migrate`, or the \
             release that serves"
        ),
        (_, Some(step)) => bail!("{}. {}", migrate::too_new(&step), migrate::WAY_BACK),
        _ => Ok(()),
    }
}

fn services(config: &Config, database: Database) -> anyhow::Result<Services> {
    let (clock, entropy) = (Arc::new(SystemClock::default()), Arc::new(OsEntropy));
    let counters = Counters::default();
    Ok(Services::new(Core {
        database,
        hasher: Hasher::start(config.hasher(), clock.clone(), entropy.clone()),
        clock,
        entropy,
        bell: Bell::default(),
        counters: counters.clone(),
        lifetimes: config.lifetimes(),
        throttle: Throttle::new(config.throttle.clone(), counters),
        refused_words: app::refused_words(config)?,
        new_device: config.notices.new_device,
    }))
}
