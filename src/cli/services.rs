//! The use cases, for commands that need no server.

use std::sync::Arc;

use crate::{
    config::Config,
    ports::{Bell, Hasher, OsEntropy, SystemClock},
    service::{Core, Services},
    store::Database,
};

/// The use cases over the database at this connection string.
pub(super) fn services(config: &Config, url: &str) -> anyhow::Result<Services> {
    let entropy = Arc::new(OsEntropy);
    Ok(Services::new(Core {
        database: Database::open(url, &config.database)?,
        clock: Arc::new(SystemClock::default()),
        hasher: Hasher::start(config.hasher(), entropy.clone()),
        entropy,
        bell: Bell::default(),
        lifetimes: config.lifetimes(),
    }))
}
