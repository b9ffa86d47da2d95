//! The pool of connections.

use std::{str::FromStr as _, time::Duration};

use deadpool_postgres::{Client, Manager, ManagerConfig, Pool, RecyclingMethod, Runtime};
use serde::Deserialize;
use time::OffsetDateTime;
use tokio_postgres::NoTls;

use super::StoreError;

/// Where the database is and how it is used: `[database]` of the configuration.
#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct DatabaseSettings {
    /// A PostgreSQL connection string; none means a private PostgreSQL in the data folder.
    pub url: Option<String>,
    /// Connections kept at most. Six to eight serve two cores (DESIGN section 7).
    pub connections: usize,
    /// Seconds a request waits for a free connection before it is answered with 503.
    pub wait: u64,
}

impl Default for DatabaseSettings {
    fn default() -> Self {
        Self { url: None, connections: 8, wait: 5 }
    }
}

/// A pool of connections to one database; cheap to clone.
#[derive(Clone)]
pub struct Database {
    pool: Pool,
}

impl Database {
    /// Prepares a pool; the first connection is made when it is needed.
    ///
    /// # Errors
    /// When the connection string can't be read.
    pub fn open(url: &str, settings: &DatabaseSettings) -> anyhow::Result<Self> {
        let mut config = tokio_postgres::Config::from_str(url)?;
        config.application_name("latchkey");
        // The server's own check of a connection costs a third of the speed; a dead one is seen by its driver.
        let manager_config = ManagerConfig { recycling_method: RecyclingMethod::Fast };
        let manager = Manager::from_config(config, NoTls, manager_config);
        let patience = Some(Duration::from_secs(settings.wait));
        let pool = Pool::builder(manager)
            .max_size(settings.connections.max(1))
            .runtime(Runtime::Tokio1)
            .wait_timeout(patience)
            .create_timeout(patience)
            .recycle_timeout(patience)
            .build()?;
        Ok(Self { pool })
    }

    /// Takes a connection; it goes back when dropped.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`] when there is none in time.
    pub async fn client(&self) -> Result<Client, StoreError> {
        Ok(self.pool.get().await?)
    }

    /// What the database's clock shows.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`] and driver errors.
    pub async fn time(&self) -> Result<OffsetDateTime, StoreError> {
        let client = self.client().await?;
        Ok(client.query_one("SELECT clock_timestamp()", &[]).await?.try_get(0)?)
    }
}
