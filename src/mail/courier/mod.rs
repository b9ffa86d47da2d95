//! Carries promised letters to the mail server: leased in the order of promise, written in groups, handed over on
//! several lanes.

mod carry;
mod desk;
mod give_way;
mod ledger;
mod prepare;
mod round;
mod stock;
mod watch;

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use tokio::{sync::watch::Receiver, time::sleep};

use self::{ledger::Ledger, watch::Rounds};
use super::{Renderer, Transport, backoff::DATABASE};
use crate::{
    ports::{Bell, Clock, Entropy},
    store::{Database, StoreError},
};

/// How fast a courier works.
#[derive(Clone, Copy, Debug)]
pub struct Pace {
    /// Letters that are handed over at the same time, each on a connection of its own.
    pub lanes: usize,
    /// How long a leased letter is this courier's. A crash keeps it waiting for so long.
    pub lease: Duration,
    /// Letters that all couriers of this outbox together may send in any hour.
    pub per_hour: Option<u32>,
    /// Letters that strangers may have sent to one account in an hour, under whichever of its names.
    pub to_one_account: Option<i32>,
}

impl Default for Pace {
    fn default() -> Self {
        Self { lanes: 4, lease: Duration::from_secs(30), per_hour: None, to_one_account: None }
    }
}

/// The one who carries letters. Several couriers, on several hosts, share one outbox.
pub struct Courier {
    database: Database,
    clock: Arc<dyn Clock>,
    entropy: Arc<dyn Entropy>,
    renderer: Renderer,
    transport: Transport,
    bell: Bell,
    pace: Pace,
    ledger: Ledger,
    rounds: Mutex<Rounds>,
}

impl Courier {
    /// A courier for one outbox and one way out.
    pub fn new(
        database: Database,
        clock: Arc<dyn Clock>,
        entropy: Arc<dyn Entropy>,
        renderer: Renderer,
        transport: Transport,
        bell: Bell,
    ) -> Self {
        let (pace, ledger, rounds) = (Pace::default(), Ledger::default(), Mutex::default());
        Self { database, clock, entropy, renderer, transport, bell, pace, ledger, rounds }
    }

    /// The same courier at another pace.
    #[must_use]
    pub fn at_pace(self, pace: Pace) -> Self {
        Self { pace, ..self }
    }

    /// Delivers until nothing is due, and returns how many letters were accepted.
    ///
    /// A letter is marked as sent after the server accepted it: a crash in between sends it twice at most.
    ///
    /// # Errors
    /// When the database fails. What was leased is due again when the lease ends; nothing is lost.
    pub async fn deliver_due(&self) -> Result<usize, StoreError> {
        let delivered = self.round(None).await;
        self.transport.rest(Duration::ZERO).await;
        delivered
    }

    /// Delivers until `stop` turns true or its sender is gone. The letters at hand are finished, leased ones are
    /// handed back; dropping the future instead is safe and keeps them waiting for the rest of the lease.
    pub async fn run(self, mut stop: Receiver<bool>) {
        let mut failures = 0;
        while !is_stopping(&stop) {
            let outcome = self.round(Some(stop.clone())).await;
            failures = note_trouble(outcome.err(), failures);
            if failures > 0 {
                tokio::select! {
                    () = sleep(DATABASE.after(failures, &*self.entropy)) => {}
                    _ = stop.wait_for(|stopping| *stopping) => {}
                }
            }
        }
        self.transport.rest(Duration::ZERO).await;
    }
}

/// Whether the courier is to end: it was told so, or nobody is left who could tell.
fn is_stopping(stop: &Receiver<bool>) -> bool {
    *stop.borrow() || stop.has_changed().is_err()
}

/// Logs the first failure of a row and its end, and returns how many failures there were in a row.
fn note_trouble(error: Option<StoreError>, failures: u32) -> u32 {
    match (error, failures) {
        (None, 0) => 0,
        (None, failures) => {
            tracing::info!(failures, "the outbox can be read again");
            0
        }
        (Some(error), 0) => {
            tracing::error!(%error, "the outbox can't be read or written; letters wait");
            1
        }
        (Some(_), failures) => failures.saturating_add(1),
    }
}
