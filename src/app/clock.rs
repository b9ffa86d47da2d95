//! Keeps the machine's clock corrected to the database's.

use std::{sync::Arc, time::Duration};

use crate::{ports::SystemClock, store::Database};

/// How often the machine's clock is compared with the database's.
const CORRECTION: Duration = Duration::from_secs(60);
/// Difference of the clocks that an operator should hear of (DESIGN section 2, times).
const SKEW: time::Duration = time::Duration::seconds(2);

/// Keeps the clock at the database's time, so that instances with wrong clocks agree.
pub async fn keep_correct(clock: Arc<SystemClock>, database: Database) {
    loop {
        tokio::time::sleep(CORRECTION).await;
        correct(&clock, &database).await;
    }
}

/// Corrects it once, if the database can be asked.
pub(super) async fn correct(clock: &SystemClock, database: &Database) {
    if let Ok(time) = database.time().await {
        let skew = clock.correct(time);
        if skew.abs() > SKEW {
            tracing::warn!(
                seconds = skew.as_seconds_f64(),
                "this machine's clock differs from the database's"
            );
        }
    }
}
