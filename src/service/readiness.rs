//! Whether requests should be sent here at this moment: what a load balancer asks.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering::Relaxed},
    },
    time::Duration,
};

use time::OffsetDateTime;
use tokio::{sync::Mutex, time::timeout};

use super::Core;
use crate::{
    ports::Clock,
    store::{Database, StoreError, condition, migrate},
};

/// How long an answer of the database is good for: many who ask at once cost one look.
const GOOD_FOR: Duration = Duration::from_secs(1);
/// How long the database may take for the one cheap question. A frozen one takes for ever.
const PATIENCE: Duration = Duration::from_secs(3);

/// Why requests should go elsewhere.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unready {
    /// This instance finishes what it has and takes no more.
    #[error("stopping")]
    Stopping,
    /// The database does not answer, or has no connection for us in time.
    #[error("the database is away")]
    DatabaseAway,
    /// The database takes no writes: a standby, or a primary that was demoted.
    #[error("the database is read-only")]
    ReadOnly,
    /// The database's schema is older than this release.
    #[error("the schema of the database is older than this release")]
    OldSchema,
}

/// The watch over this instance. Mail has no part in it: without a relay everything but letters works, and letters
/// wait.
#[derive(Clone)]
pub struct Readiness(Arc<Watch>);

struct Watch {
    database: Database,
    clock: Arc<dyn Clock>,
    stopping: AtomicBool,
    last: Mutex<Option<(OffsetDateTime, Result<(), Unready>)>>,
}

impl Readiness {
    pub(super) fn new(core: Core) -> Self {
        let Core { database, clock, .. } = core;
        Self(Arc::new(Watch { database, clock, stopping: AtomicBool::new(false), last: Mutex::default() }))
    }

    /// Says that this instance is about to stop.
    pub fn stop(&self) {
        self.0.stopping.store(true, Relaxed);
    }

    /// Whether requests should be sent here. The database is asked once a second at most, and for three at most.
    ///
    /// # Errors
    /// [`Unready`]: why not.
    pub async fn ask(&self) -> Result<(), Unready> {
        if self.0.stopping.load(Relaxed) {
            return Err(Unready::Stopping);
        }
        let mut last = self.0.last.lock().await;
        let now = self.0.clock.now();
        // A last time that lies ahead comes from a clock that was set back since.
        if let Some((_, verdict)) = last.filter(|(at, _)| *at <= now && now - *at < GOOD_FOR) {
            return verdict;
        }
        let looked = timeout(PATIENCE, look(&self.0.database)).await;
        let verdict = looked.unwrap_or(Err(Unready::DatabaseAway));
        if verdict != last.map_or(Ok(()), |(_, verdict)| verdict) {
            match verdict {
                Ok(()) => tracing::info!("ready again"),
                Err(why) => tracing::warn!(%why, "not ready for requests"),
            }
        }
        *last = Some((self.0.clock.now(), verdict));
        verdict
    }
}

async fn look(database: &Database) -> Result<(), Unready> {
    let away = |_: StoreError| Unready::DatabaseAway;
    let client = database.client().await.map_err(away)?;
    let found = condition::look(&client).await.map_err(away)?;
    match found.schema {
        _ if found.read_only => Err(Unready::ReadOnly),
        Some(schema) if schema >= migrate::of_this_release() => Ok(()),
        Some(_) | None => Err(Unready::OldSchema),
    }
}
