//! The pool of connections.

use std::{path::PathBuf, sync::Arc, time::Duration};

use deadpool::{Runtime, managed::Pool};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde::Deserialize;
use time::OffsetDateTime;

use super::{
    Client, StoreError,
    connection::Connector,
    database_url::DatabaseUrl,
    route::Route,
    shared::{Line, Shared},
    tls::TlsMode,
};

/// Where the database is and how it is used: `[database]` of the configuration.
#[derive(Clone, Deserialize)]
#[cfg_attr(test, derive(PartialEq))]
#[serde(deny_unknown_fields, default)]
pub struct DatabaseSettings {
    /// A PostgreSQL connection string, of one server or several; none means a private PostgreSQL in the data folder.
    pub url: Option<DatabaseUrl>,
    /// A file with the connection string, instead of `url`.
    pub url_file: Option<PathBuf>,
    /// How far connections are protected; none means what the connection string says, else `prefer`.
    pub tls: Option<TlsMode>,
    /// A file with the certificates by which the server's is judged; none means the public ones.
    pub roots: Option<PathBuf>,
    /// Connections kept at most. Six to eight serve two cores (DESIGN section 7).
    pub connections: usize,
    /// Seconds a request waits for a free connection, or for one to be made, before it is answered with 503.
    pub wait: u64,
    /// Seconds that one statement may take before it is given up and answered with 503.
    pub statement_timeout: u64,
    /// Whether statements are prepared once for a connection. `false` for poolers in transaction mode, such as
    /// PgBouncer before 1.21: then nothing is used that belongs to a session.
    pub prepared_statements: bool,
}

impl Default for DatabaseSettings {
    fn default() -> Self {
        Self {
            url: None,
            url_file: None,
            tls: None,
            roots: None,
            connections: 8,
            wait: 5,
            statement_timeout: 10,
            prepared_statements: true,
        }
    }
}

/// How much longer than the server we wait for it to give up a statement by itself.
const GRACE: Duration = Duration::from_secs(1);

impl DatabaseSettings {
    /// The connection string with these settings for TLS in it, so that it is all that is needed to connect.
    pub fn completed(&self, url: &str) -> DatabaseUrl {
        let roots = self.roots.as_ref().map(|path| {
            let path = path.to_string_lossy();
            format!("sslrootcert={}", utf8_percent_encode(&path, NON_ALPHANUMERIC))
        });
        let mode = self.tls.map(|mode| format!("sslmode={}", mode.word()));
        let (first, next) = match url.contains("://") {
            true if url.contains('?') => ("&", "&"),
            true => ("?", "&"),
            false => (" ", " "),
        };
        let marks = std::iter::once(first).chain(std::iter::repeat(next));
        let pairs: Vec<_> = [mode, roots].into_iter().flatten().collect();
        let added = marks.zip(&pairs).flat_map(|(mark, pair)| [mark, pair]);
        DatabaseUrl::of_pieces(&std::iter::once(url).chain(added).collect::<Vec<_>>())
    }
}

/// How many connections there are and who waits for one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PoolLoad {
    /// At most.
    pub most: usize,
    /// Open now.
    pub open: usize,
    /// Of these, used by nobody.
    pub idle: usize,
    /// Requests that wait.
    pub waiting: usize,
}

/// A pool of connections to one database; cheap to clone.
#[derive(Clone)]
pub struct Database {
    pool: Pool<Connector>,
    shared: Arc<Shared>,
}

impl Database {
    /// Prepares a pool; the first connection is made when it is needed.
    ///
    /// # Errors
    /// When the connection string can't be read.
    pub fn open(url: &str, settings: &DatabaseSettings) -> anyhow::Result<Self> {
        let seconds = settings.statement_timeout.max(1);
        // A pooler in transaction mode takes no such options: there the role says it (docs/operating/postgresql.md).
        let options = settings.prepared_statements.then(|| format!("-c statement_timeout={seconds}s"));
        let patience = Duration::from_secs(settings.wait.max(1));
        let route = Route::to(&settings.completed(url), options.as_deref(), patience)?;
        let limit = Duration::from_secs(seconds) + GRACE;
        let connector = Connector::new(route, settings.prepared_statements, limit);
        // A look at the connection before each use would cost a third of the speed; a dead one is seen by its driver.
        let pool = Pool::builder(connector)
            .max_size(settings.connections.max(1))
            .runtime(Runtime::Tokio1)
            .wait_timeout(Some(patience))
            .create_timeout(Some(patience))
            .recycle_timeout(Some(patience))
            .build()?;
        // A pooler that changes servers between transactions is asked for one answer after the other.
        let shared = Shared::of(if settings.prepared_statements { settings.connections } else { 0 });
        Ok(Self { pool, shared: Arc::new(shared) })
    }

    /// Takes a connection; it goes back when dropped.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`] when there is none in time.
    pub async fn client(&self) -> Result<Client, StoreError> {
        let place = self.pool.get().await?;
        Ok(Client::new(self.pool.clone(), place))
    }

    /// A connection that others may be using at the same time: for single statements that read and wait for no lock.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`] when there is none in time.
    pub async fn line(&self) -> Result<Line, StoreError> {
        self.shared.line(&self.pool).await
    }

    /// What the database's clock shows.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn time(&self) -> Result<OffsetDateTime, StoreError> {
        let client = self.client().await?;
        Ok(client.query_one("SELECT clock_timestamp()", &[]).await?.try_get(0)?)
    }

    /// The pool at this moment.
    pub fn load(&self) -> PoolLoad {
        let status = self.pool.status();
        PoolLoad { most: status.max_size, open: status.size, idle: status.available, waiting: status.waiting }
    }
}
