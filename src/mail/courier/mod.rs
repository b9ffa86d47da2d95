//! Carries promised letters to the mail server: leases them in the order of promise, one batch after the other.

mod backoff;
mod carry;
mod relay;

use std::{
    collections::VecDeque,
    pin::pin,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use time::OffsetDateTime;
use tokio::{sync::watch, time::sleep};

use self::{backoff::DATABASE, carry::Outcome, relay::Relay};
use super::{Renderer, Transport};
use crate::{
    ports::{Bell, Clock, Entropy},
    store::{
        Database, StoreError,
        outbox::{self, PromisedLetter},
    },
};

/// How long a leased letter is this courier's. A crash keeps it waiting for so long.
const LEASE: Duration = Duration::from_secs(30);
/// How often the leases are renewed while a slow relay has a letter.
const RENEW_EVERY: Duration = Duration::from_secs(10);
/// Letters leased at once.
const BATCH: i64 = 20;
/// How long the courier rests unless the bell rings.
const ROUND: Duration = Duration::from_secs(1);
/// How often letters past their end are looked for.
const SWEEP_EVERY: Duration = Duration::from_secs(30);

/// The one who carries letters. Several couriers, on several hosts, share one outbox.
pub struct Courier {
    database: Database,
    clock: Arc<dyn Clock>,
    entropy: Arc<dyn Entropy>,
    renderer: Renderer,
    transport: Transport,
    bell: Bell,
    relay: Relay,
    swept_at: Mutex<Option<OffsetDateTime>>,
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
        let (relay, swept_at) = (Relay::default(), Mutex::default());
        Self { database, clock, entropy, renderer, transport, bell, relay, swept_at }
    }

    /// Delivers until nothing is due, and returns how many letters were accepted.
    ///
    /// A letter is marked as sent after the server accepted it: a crash in between sends it twice at most.
    ///
    /// # Errors
    /// When the database fails. What was leased is due again when the lease ends; nothing is lost.
    pub async fn deliver_due(&self) -> Result<usize, StoreError> {
        self.round(None).await
    }

    /// Delivers until `stop` turns true or its sender is gone. The letter at hand is finished, leased ones are
    /// handed back; dropping the future instead is safe and keeps them waiting for the rest of the lease.
    pub async fn run(self, mut stop: watch::Receiver<bool>) {
        let mut failures = 0;
        while !*stop.borrow() {
            let outcome = self.round(Some(&stop)).await;
            failures = note_trouble(outcome.err(), failures);
            let pause = match failures {
                0 => ROUND,
                failures => DATABASE.after(failures, &*self.entropy),
            };
            tokio::select! {
                () = self.bell.heard(), if failures == 0 => {}
                () = sleep(pause) => {}
                changed = stop.changed() => if changed.is_err() { break },
            }
        }
    }

    async fn round(&self, stop: Option<&watch::Receiver<bool>>) -> Result<usize, StoreError> {
        self.sweep().await?;
        let mut delivered = 0;
        let outcome = loop {
            if is_stopping(stop) || self.relay.is_held(self.clock.now()) {
                break Ok(delivered);
            }
            match self.carry_batch(stop).await {
                Ok(None) => break Ok(delivered),
                Ok(Some(carried)) => delivered += carried,
                Err(error) => break Err(error),
            }
        };
        self.transport.rest().await;
        outcome
    }

    /// Gives up what waited past its end, also when the relay is away and nothing is leased.
    async fn sweep(&self) -> Result<(), StoreError> {
        let now = self.clock.now();
        let swept_at = || self.swept_at.lock().unwrap_or_else(PoisonError::into_inner);
        if swept_at().is_some_and(|last| last <= now && now - last < SWEEP_EVERY) {
            return Ok(());
        }
        let overdue = outbox::give_up_overdue(&self.database.client().await?, now).await?;
        if overdue > 0 {
            tracing::warn!(letters = overdue, "gave up letters that could not be delivered in time");
        }
        *swept_at() = Some(now);
        Ok(())
    }

    /// Carries some due letters and counts the accepted ones; `None` when nothing was due.
    async fn carry_batch(&self, stop: Option<&watch::Receiver<bool>>) -> Result<Option<usize>, StoreError> {
        let now = self.clock.now();
        let leased = outbox::lease(&self.database.client().await?, now, LEASE, BATCH).await?;
        if leased.is_empty() {
            return Ok(None);
        }
        let mut waiting = VecDeque::from(leased);
        let mut delivered = 0;
        while let Some(letter) = waiting.front() {
            if is_stopping(stop) {
                self.hand_back(&waiting, None).await?;
                break;
            }
            match self.carry_under_lease(letter, &waiting).await? {
                Outcome::Delivered => delivered += 1,
                Outcome::Settled => {}
                Outcome::Away(reason) => {
                    self.relay.was_away(self.clock.now(), &*self.entropy, &reason);
                    self.hand_back(&waiting, Some(&reason.to_string())).await?;
                    break;
                }
            }
            waiting.pop_front();
        }
        Ok(Some(delivered))
    }

    async fn hand_back(
        &self,
        letters: &VecDeque<PromisedLetter>,
        why: Option<&str>,
    ) -> Result<(), StoreError> {
        let letters: Vec<_> = letters.iter().collect();
        outbox::release(&self.database.client().await?, &letters, why).await
    }

    /// Carries one letter, and keeps it and all that wait behind it leased however long that takes.
    async fn carry_under_lease(
        &self,
        letter: &PromisedLetter,
        waiting: &VecDeque<PromisedLetter>,
    ) -> Result<Outcome, StoreError> {
        let mut carrying = pin!(self.carry(letter));
        loop {
            let renewing = async {
                sleep(RENEW_EVERY).await;
                let letters: Vec<_> = waiting.iter().collect();
                outbox::renew(&self.database.client().await?, &letters, self.clock.now() + LEASE).await
            };
            tokio::select! {
                outcome = &mut carrying => return outcome,
                renewed = renewing => if let Err(error) = renewed {
                    tracing::warn!(%error, "the leases of letters could not be renewed");
                },
            }
        }
    }
}

fn is_stopping(stop: Option<&watch::Receiver<bool>>) -> bool {
    stop.is_some_and(|stop| *stop.borrow())
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
