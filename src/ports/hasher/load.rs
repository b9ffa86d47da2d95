//! How busy the hashing threads are, for whoever watches.

use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

/// Work of the hashing threads.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct HashingLoad {
    /// Passwords that wait for a thread.
    pub waiting: u64,
    /// Passwords that a thread is busy with.
    pub running: u64,
    /// Passwords that were hashed or compared since the start.
    pub done: u64,
    /// Passwords that were turned away since the start, because too many waited.
    pub shed: u64,
}

/// The counts behind [`HashingLoad`]. Each only grows, so that no two have to change at once.
#[derive(Debug, Default)]
pub(super) struct Cells {
    queued: AtomicU64,
    begun: AtomicU64,
    done: AtomicU64,
    shed: AtomicU64,
}

impl Cells {
    pub(super) fn queued(&self) {
        self.queued.fetch_add(1, Relaxed);
    }

    /// It was not queued after all.
    pub(super) fn shed(&self) {
        self.queued.fetch_sub(1, Relaxed);
        self.shed.fetch_add(1, Relaxed);
    }

    /// A thread took it; done when the guard goes, also by a panic.
    pub(super) fn begun(&self) -> Running<'_> {
        self.begun.fetch_add(1, Relaxed);
        Running(self)
    }

    pub(super) fn read(&self) -> HashingLoad {
        let done = self.done.load(Relaxed);
        let begun = self.begun.load(Relaxed);
        let queued = self.queued.load(Relaxed);
        HashingLoad {
            waiting: queued.saturating_sub(begun),
            running: begun.saturating_sub(done),
            done,
            shed: self.shed.load(Relaxed),
        }
    }
}

/// Lives as long as a thread is busy with a password.
pub(super) struct Running<'a>(&'a Cells);

impl Drop for Running<'_> {
    fn drop(&mut self) {
        self.0.done.fetch_add(1, Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_waits_is_worked_on_and_is_done_or_is_turned_away() {
        let cells = Cells::default();
        cells.queued();
        cells.queued();
        let running = cells.begun();
        assert_eq!(cells.read(), HashingLoad { waiting: 1, running: 1, done: 0, shed: 0 });
        drop(running);
        cells.queued();
        cells.shed();
        assert_eq!(cells.read(), HashingLoad { waiting: 1, running: 0, done: 1, shed: 1 });
    }
}
