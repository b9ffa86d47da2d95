//! The task that clears away what is over. Every instance runs it; the batches of several don't disturb each other.

use std::{sync::Arc, time::Duration};

use tokio::time::sleep;

use crate::{
    ports::Clock,
    store::{
        Database, StoreError,
        housekeeping::{self, BATCH, Retention},
    },
};

/// How often it is looked for.
const EVERY: Duration = Duration::from_mins(10);
/// Between two batches, so that requests come first.
const BREATH: Duration = Duration::from_millis(200);

/// Clears away what is over, until the task is dropped.
pub async fn keep_house(database: Database, clock: Arc<dyn Clock>, retention: Retention) {
    loop {
        match batch(&database, &*clock, &retention).await {
            Ok(rows) if rows == BATCH.unsigned_abs() => sleep(BREATH).await,
            Ok(_) => sleep(EVERY).await,
            Err(error) => {
                tracing::warn!(%error, "what is over could not be cleared away");
                sleep(EVERY).await;
            }
        }
    }
}

async fn batch(database: &Database, clock: &dyn Clock, retention: &Retention) -> Result<u64, StoreError> {
    housekeeping::clear(&database.client().await?, retention, clock.now()).await
}
