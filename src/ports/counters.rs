//! What happens often and is worth counting, counted where it happens and read by whoever shows it.

use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering::Relaxed},
};

/// What a throttle held back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Throttled {
    /// A sign-in whose account has had too many failures.
    Account,
    /// A request from an address that has sent too many.
    Address,
    /// A request for a letter to an address that has been asked for too often.
    Letter,
}

impl Throttled {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Account, Self::Address, Self::Letter];

    /// The name in the metric `latchkey_throttled_total{what}`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Account => "account",
            Self::Address => "address",
            Self::Letter => "letter",
        }
    }
}

/// Counters of one process; cheap to clone, and all clones count together.
#[derive(Clone, Debug, Default)]
pub struct Counters(Arc<Cells>);

#[derive(Debug, Default)]
struct Cells {
    throttled: [AtomicU64; Throttled::ALL.len()],
    connections_opened: AtomicU64,
    connections_closed: AtomicU64,
}

impl Counters {
    /// Something was answered with 429.
    pub fn throttled(&self, what: Throttled) {
        self.0.throttled[what as usize].fetch_add(1, Relaxed);
    }

    /// How often each throttle held something back since the start.
    pub fn throttles(&self) -> [(Throttled, u64); Throttled::ALL.len()] {
        Throttled::ALL.map(|what| (what, self.0.throttled[what as usize].load(Relaxed)))
    }

    /// A client has connected; it is counted as connected until the guard goes.
    #[must_use]
    pub fn connected(&self) -> Connected {
        self.0.connections_opened.fetch_add(1, Relaxed);
        Connected(self.clone())
    }

    /// Connections since the start, and those that are open now.
    pub fn connections(&self) -> (u64, u64) {
        let closed = self.0.connections_closed.load(Relaxed);
        let opened = self.0.connections_opened.load(Relaxed);
        (opened, opened.saturating_sub(closed))
    }
}

/// A connection that is open.
#[derive(Debug)]
pub struct Connected(Counters);

impl Drop for Connected {
    fn drop(&mut self) {
        self.0.0.connections_closed.fetch_add(1, Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_clones_count_together() {
        let counters = Counters::default();
        counters.clone().throttled(Throttled::Address);
        counters.throttled(Throttled::Address);
        let counts = counters.throttles();
        assert_eq!(counts, [(Throttled::Account, 0), (Throttled::Address, 2), (Throttled::Letter, 0)]);
    }

    #[test]
    fn a_connection_is_open_until_its_guard_goes() {
        let counters = Counters::default();
        let (one, two) = (counters.connected(), counters.connected());
        assert_eq!(counters.connections(), (2, 2));
        drop(one);
        assert_eq!(counters.connections(), (2, 1));
        drop(two);
        assert_eq!(counters.connections(), (2, 0));
    }
}
