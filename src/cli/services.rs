//! The use cases, for commands that need no server.

use std::sync::Arc;

use super::{block_on, ground::Ground};
use crate::{
    app,
    config::Config,
    ports::{Bell, Counters, Hasher, OsEntropy, SystemClock},
    service::{Core, Services, Throttle},
    store::{Database, migrate},
};

/// Runs a command on the use cases over the database of the configuration, once that has the schema of this release.
pub(super) fn with_services<T>(
    config: &Config,
    command: impl AsyncFnOnce(Services) -> anyhow::Result<T>,
) -> anyhow::Result<T> {
    services_on(Ground::for_a_command(config)?, config, command)
}

/// As [`with_services`], on a ground that may have been made just now.
pub(super) fn services_on<T>(
    ground: Ground,
    config: &Config,
    command: impl AsyncFnOnce(Services) -> anyhow::Result<T>,
) -> anyhow::Result<T> {
    let done = block_on(async {
        migrate::run(&ground.url).await?;
        command(services(config, &ground.url)?).await
    })?;
    ground.leave()?;
    Ok(done)
}

fn services(config: &Config, url: &str) -> anyhow::Result<Services> {
    let (entropy, counters) = (Arc::new(OsEntropy), Counters::default());
    Ok(Services::new(Core {
        database: Database::open(url, &config.database)?,
        clock: Arc::new(SystemClock::default()),
        hasher: Hasher::start(config.hasher(), entropy.clone()),
        entropy,
        bell: Bell::default(),
        counters: counters.clone(),
        lifetimes: config.lifetimes(),
        throttle: Throttle::new(config.throttle.clone(), counters),
        refused_words: app::refused_words(config)?,
        new_device: config.notices.new_device,
    }))
}
