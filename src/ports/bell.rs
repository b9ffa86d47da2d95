//! Tells the courier of this process that a letter was promised, so that it need not wait for its next round.

use std::sync::Arc;

use tokio::sync::Notify;

/// A bell between services and the courier. Rings are not counted: one is enough to look.
#[derive(Clone, Default)]
pub struct Bell(Arc<Notify>);

impl Bell {
    /// Says that there is something to deliver. Call it after the commit.
    pub fn ring(&self) {
        self.0.notify_one();
    }

    /// Waits for the next ring; one that came before is remembered.
    pub async fn heard(&self) {
        self.0.notified().await;
    }
}
