//! How many calls are at work: what is too much is refused before it costs anything.

use std::sync::{
    Arc,
    atomic::{AtomicIsize, Ordering::Relaxed},
};

/// The calls that wait for something other than their client: the database, the hashing threads.
///
/// A call that is answered at once is never counted, and one that waits for its own body is not counted meanwhile:
/// a thousand clients that send half a body keep nobody out.
pub(super) struct Running {
    calls: AtomicIsize,
    most: isize,
}

impl Running {
    pub(super) fn new(most: usize) -> Arc<Self> {
        Arc::new(Self { calls: AtomicIsize::new(0), most: isize::try_from(most).unwrap_or(isize::MAX) })
    }

    /// Whether one more is too many.
    pub(super) fn full(&self) -> bool {
        self.calls.load(Relaxed) >= self.most
    }

    /// Counts a call until the guard goes.
    pub(super) fn enter(&self) -> Entered<'_> {
        self.calls.fetch_add(1, Relaxed);
        Entered(self)
    }

    /// Does not count the call of a body until the guard goes.
    pub(super) fn lend(self: &Arc<Self>) -> Lent {
        self.calls.fetch_sub(1, Relaxed);
        Lent(Arc::clone(self))
    }
}

/// A call at work.
pub(super) struct Entered<'a>(&'a Running);

impl Drop for Entered<'_> {
    fn drop(&mut self) {
        self.0.calls.fetch_sub(1, Relaxed);
    }
}

/// A call that waits for its body.
pub(super) struct Lent(Arc<Running>);

impl Drop for Lent {
    fn drop(&mut self) {
        self.0.calls.fetch_add(1, Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_waits_for_a_body_makes_room() {
        let running = Running::new(1);
        let at_work = running.enter();
        assert!(running.full());
        let waiting = running.lend();
        assert!(!running.full());
        drop(waiting);
        assert!(running.full());
        drop(at_work);
        assert!(!running.full());
    }
}
