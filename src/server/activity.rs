//! What a connection is doing, and until when it may: the watchdog's view of it.

use std::{
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, Ordering::Relaxed},
    },
    time::Duration,
};

use tokio::time::Instant;

use super::limits::Limits;

/// How long a connection that says nothing is kept once the server is stopping. A client that sent its next
/// request in the moment of the signal is still served; one that lay idle longer is let go at once.
const LAST_CALL: Duration = Duration::from_millis(500);

/// How requests follow each other on a connection.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum Manner {
    /// One after the other (HTTP/1): bytes between two calls are the next one's headers.
    InTurn,
    /// Many at once (HTTP/2): bytes may be anything, pings too; only calls count.
    AtOnce,
}

/// One connection's state, written by its stream and its calls, read by its watchdog.
pub(super) struct Activity {
    manner: Manner,
    phase: Mutex<Phase>,
    /// The peer does not fetch what we have for it.
    unsent: AtomicBool,
    closing: AtomicBool,
}

#[derive(Clone, Copy)]
enum Phase {
    /// Connected, and not a word yet.
    Silent { since: Instant },
    /// A request's headers are on their way.
    Head { since: Instant },
    /// That many calls are being answered.
    Busy { calls: usize },
    /// Everything asked was answered.
    Idle { since: Instant },
}

impl Activity {
    pub(super) fn new(manner: Manner) -> Arc<Self> {
        let phase = Mutex::new(Phase::Silent { since: Instant::now() });
        Arc::new(Self { manner, phase, unsent: AtomicBool::new(false), closing: AtomicBool::new(false) })
    }

    /// Bytes came in.
    pub(super) fn heard(&self) {
        let mut phase = self.phase();
        match (self.manner, *phase) {
            (Manner::InTurn, Phase::Silent { .. } | Phase::Idle { .. }) => {
                *phase = Phase::Head { since: Instant::now() };
            }
            (Manner::AtOnce, Phase::Silent { .. }) => *phase = Phase::Idle { since: Instant::now() },
            _ => {}
        }
    }

    /// The socket took what we had to write, or (`true`) did not.
    pub(super) fn unsent(&self, unsent: bool) {
        self.unsent.store(unsent, Relaxed);
    }

    /// A request's headers are complete; it is being answered until the guard goes.
    pub(super) fn call(self: &Arc<Self>) -> CallGuard {
        let mut phase = self.phase();
        let calls = if let Phase::Busy { calls } = *phase { calls } else { 0 };
        *phase = Phase::Busy { calls: calls + 1 };
        CallGuard(Arc::clone(self))
    }

    /// The server is stopping.
    pub(super) fn close(&self) {
        self.closing.store(true, Relaxed);
    }

    /// Whether the next answer should be the connection's last.
    pub(super) fn closing(&self) -> bool {
        self.closing.load(Relaxed)
    }

    /// When to cut the connection if nothing changes until then. `None` while calls run: they have a time-out of
    /// their own, which comes with an answer.
    pub(super) fn deadline(&self, limits: &Limits) -> Option<Instant> {
        let quiet = |usual: Duration| if self.closing() { usual.min(LAST_CALL) } else { usual };
        match *self.phase() {
            Phase::Busy { .. } => None,
            Phase::Silent { since } => Some(since + quiet(limits.header_timeout)),
            Phase::Head { since } => Some(since + limits.header_timeout),
            Phase::Idle { since } if self.unsent.load(Relaxed) => Some(since + limits.idle_timeout),
            Phase::Idle { since } => Some(since + quiet(limits.idle_timeout)),
        }
    }

    fn phase(&self) -> MutexGuard<'_, Phase> {
        self.phase.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Lives as long as a call: dropped when it was answered, and when it was abandoned.
pub(super) struct CallGuard(Arc<Activity>);

impl Drop for CallGuard {
    fn drop(&mut self) {
        let mut phase = self.0.phase();
        *phase = match *phase {
            Phase::Busy { calls } if calls > 1 => Phase::Busy { calls: calls - 1 },
            _ => Phase::Idle { since: Instant::now() },
        };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Asserts that `limit` is what the connection has, all but what the test itself took.
    fn has(activity: &Activity, limit: Duration) {
        let left = activity.deadline(&Limits::default()).unwrap().saturating_duration_since(Instant::now());
        assert!(left <= limit && left + Duration::from_millis(400) > limit, "{left:?} of {limit:?}");
    }

    #[test]
    fn every_phase_has_its_own_deadline_and_a_call_has_none() {
        let limits = Limits::default();
        let activity = Activity::new(Manner::InTurn);
        has(&activity, limits.header_timeout);
        let (first, second) = (activity.call(), activity.call());
        assert_eq!(activity.deadline(&limits), None);
        drop(first);
        assert_eq!(activity.deadline(&limits), None);
        drop(second);
        has(&activity, limits.idle_timeout);
        activity.heard();
        has(&activity, limits.header_timeout);
    }

    #[test]
    fn more_of_the_same_headers_buys_no_time() {
        let activity = Activity::new(Manner::InTurn);
        activity.heard();
        let deadline = activity.deadline(&Limits::default());
        activity.heard();
        assert_eq!(activity.deadline(&Limits::default()), deadline);
    }

    #[test]
    fn pings_buy_no_time_where_many_calls_share_a_connection() {
        let limits = Limits { idle_timeout: Duration::from_secs(75), ..Limits::default() };
        let activity = Activity::new(Manner::AtOnce);
        activity.heard();
        has(&activity, limits.idle_timeout);
        let deadline = activity.deadline(&limits);
        activity.heard();
        assert_eq!(activity.deadline(&limits), deadline);
        drop(activity.call());
        let after_a_call = activity.deadline(&limits);
        assert!(after_a_call > deadline);
        activity.heard();
        assert_eq!(activity.deadline(&limits), after_a_call);
    }

    #[test]
    fn a_stop_lets_go_of_the_idle_but_not_of_who_is_still_fetching_an_answer() {
        let activity = Activity::new(Manner::InTurn);
        drop(activity.call());
        activity.close();
        has(&activity, LAST_CALL);
        activity.unsent(true);
        has(&activity, Limits::default().idle_timeout);
    }
}
