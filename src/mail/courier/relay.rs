//! What the courier knows of the relay: a relay that is away is asked now and then, not by every letter.

use std::sync::{Mutex, MutexGuard, PoisonError};

use time::OffsetDateTime;

use super::backoff::RELAY;
use crate::{mail::Reason, ports::Entropy};

/// Whether the relay is there, as far as the last try told.
#[derive(Default)]
pub(super) struct Relay(Mutex<Absence>);

#[derive(Default)]
struct Absence {
    failures: u32,
    until: Option<OffsetDateTime>,
}

impl Relay {
    /// Whether it is too early to ask again.
    pub(super) fn is_held(&self, now: OffsetDateTime) -> bool {
        // A moment further off than any wait comes from a clock that was set back since.
        self.absence().until.is_some_and(|until| now < until && until - now <= RELAY.longest())
    }

    /// Notes a try that found nobody. The first of a row is logged.
    pub(super) fn was_away(&self, now: OffsetDateTime, entropy: &dyn Entropy, reason: &Reason) {
        let mut absence = self.absence();
        absence.failures = absence.failures.saturating_add(1);
        absence.until = Some(now + RELAY.after(absence.failures, entropy));
        if absence.failures == 1 {
            tracing::warn!(reason = %reason, "mail can't be handed over; letters wait until the relay is back");
        }
    }

    /// Notes that it answered.
    pub(super) fn is_there(&self) {
        let absence = std::mem::take(&mut *self.absence());
        if absence.failures > 0 {
            tracing::info!(failures = absence.failures, "mail can be handed over again");
        }
    }

    fn absence(&self) -> MutexGuard<'_, Absence> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
