//! Tells the courier of this process that a letter was promised, so that it need not wait for its next round.

use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering::Relaxed},
};

use tokio::sync::Notify;

/// A bell between services and the courier. One ring is enough to look; how many there were says how busy it is.
#[derive(Clone, Default)]
pub struct Bell(Arc<Clapper>);

#[derive(Default)]
struct Clapper {
    rung: Notify,
    rings: AtomicU64,
}

impl Bell {
    /// Says that there is something to deliver. Call it after the commit.
    pub fn ring(&self) {
        self.0.rings.fetch_add(1, Relaxed);
        self.0.rung.notify_one();
    }

    /// Waits for the next ring; one that came before is remembered.
    pub async fn heard(&self) {
        self.0.rung.notified().await;
    }

    /// How often it rang so far.
    pub fn rings(&self) -> u64 {
        self.0.rings.load(Relaxed)
    }
}
