//! Looks over the outbox now and then: gives up what waited past its end, and tells the operator when letters wait.

use std::{sync::PoisonError, time::Duration};

use time::OffsetDateTime;

use super::Courier;
use crate::store::{GenericClient, StoreError, outbox};

/// How often the outbox is looked over.
const EVERY: Duration = Duration::from_secs(30);
/// A letter that waits for so long is worth a line in the log, and again after as long.
const TOO_LONG: Duration = Duration::from_mins(5);

/// When the last rounds were.
#[derive(Default)]
pub(super) struct Rounds {
    looked: Option<OffsetDateTime>,
    alerted: Option<OffsetDateTime>,
}

/// Whether it is time again. A last time that lies ahead comes from a clock that was set back since.
fn is_due(last: Option<OffsetDateTime>, now: OffsetDateTime, every: Duration) -> bool {
    last.is_none_or(|last| last > now || now - last >= every)
}

impl Courier {
    /// Looks the outbox over, if it is time; also while no relay is there and nothing is leased.
    pub(super) async fn look_over(&self) -> Result<(), StoreError> {
        let now = self.clock.now();
        if !is_due(self.rounds(|rounds| rounds.looked), now, EVERY) {
            return Ok(());
        }
        let client = self.database.client().await?;
        let overdue = outbox::give_up_overdue(&client, now).await?;
        if overdue > 0 {
            tracing::warn!(letters = overdue, "gave up letters that could not be delivered in time");
        }
        self.alert(&client, now).await?;
        self.rounds(|rounds| rounds.looked = Some(now));
        Ok(())
    }

    async fn alert(&self, client: &impl GenericClient, now: OffsetDateTime) -> Result<(), StoreError> {
        let figures = outbox::figures(client, now).await?;
        let Some(oldest) = figures.oldest.filter(|oldest| *oldest > TOO_LONG) else {
            self.rounds(|rounds| rounds.alerted = None);
            return Ok(());
        };
        if is_due(self.rounds(|rounds| rounds.alerted), now, TOO_LONG) {
            let (minutes, waiting) = (oldest.whole_minutes(), figures.waiting);
            tracing::error!(
                oldest_minutes = minutes,
                waiting,
                "ALERT: letters wait; see `latchkey outbox list --state waiting`"
            );
            self.rounds(|rounds| rounds.alerted = Some(now));
        }
        Ok(())
    }

    fn rounds<T>(&self, look: impl FnOnce(&mut Rounds) -> T) -> T {
        look(&mut self.rounds.lock().unwrap_or_else(PoisonError::into_inner))
    }
}
