//! What is known of a relay that is away: it is asked now and then, not by every letter.

use std::{
    fmt,
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use time::OffsetDateTime;

use super::Reason;
use crate::{mail::backoff::RELAY, ports::Entropy};

/// Whether a relay is there, as far as the last try told.
#[derive(Default)]
pub(super) struct Absence(Mutex<State>);

#[derive(Default)]
struct State {
    failures: u32,
    held: Option<(OffsetDateTime, Reason)>,
}

impl Absence {
    /// Why it is too early to ask again.
    pub(super) fn why_held(&self, now: OffsetDateTime) -> Option<Reason> {
        // A moment further off than any wait comes from a clock that was set back since.
        let fits = |until: OffsetDateTime| now < until && until - now <= RELAY.longest();
        self.state().held.as_ref().filter(|(until, _)| fits(*until)).map(|(_, reason)| reason.clone())
    }

    /// Notes a try that found nobody. The first of a row is logged.
    pub(super) fn begins(
        &self,
        relay: &dyn fmt::Display,
        now: OffsetDateTime,
        entropy: &dyn Entropy,
        reason: &Reason,
    ) {
        let mut state = self.state();
        state.failures = state.failures.saturating_add(1);
        let wait: Duration = RELAY.after(state.failures, entropy);
        state.held = Some((now + wait, reason.clone()));
        if state.failures == 1 {
            tracing::warn!(%relay, %reason, "mail can't be handed over; letters wait until the relay is back");
        }
    }

    /// Notes that it answered.
    pub(super) fn is_over(&self, relay: &dyn fmt::Display) {
        let State { failures, .. } = std::mem::take(&mut *self.state());
        if failures > 0 {
            tracing::info!(%relay, failures, "mail can be handed over again");
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
