//! The use cases, for commands that need no server.

use std::sync::Arc;

use crate::{
    config::Config,
    ports::{Bell, Counters, Hasher, OsEntropy, SystemClock},
    service::{Core, Services, Throttle},
    store::Database,
};

/// The use cases over the database at this connection string.
pub(super) fn services(config: &Config, url: &str) -> anyhow::Result<Services> {
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
        new_device: config.notices.new_device,
    }))
}
