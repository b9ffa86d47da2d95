//! A round: one task leases and prepares, several lanes hand over, one hand writes down what became of letters.

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use futures_util::future::join_all;
use tokio::{
    join,
    sync::{
        Mutex as Turnstile, Notify,
        mpsc::{self, Receiver, Sender},
        watch,
    },
    time::{Instant, sleep},
};

use super::{
    Courier,
    carry::{Carried, Ready},
    desk::Desk,
    give_way::{LOOK, TakenOn},
    is_stopping,
    ledger::Line,
};
use crate::store::{
    StoreError,
    outbox::{self, PromisedLetter},
};

/// Letters leased at once.
const BATCH: i64 = 200;
/// Fewer than this in hand, and more are leased.
const LOW: usize = 100;
/// How long a courier without letters rests unless the bell rings.
const REST: Duration = Duration::from_secs(1);
/// How long a connection is kept for the next letter.
const KEPT: Duration = Duration::from_secs(5);
/// Letters prepared at once, for each lane.
const GROUP: usize = 16;
/// Letters that may have been accepted and not yet marked: a crash sends so many twice at most, beside those on lanes.
const UNMARKED: usize = 32;
/// The stretch of time that the cap on letters is for.
const HOUR: Duration = Duration::from_hours(1);

struct Round<'a> {
    courier: &'a Courier,
    stop: Option<watch::Receiver<bool>>,
    desk: Mutex<Desk>,
    /// Rings when a letter's carrying has ended.
    moved: Notify,
    trouble: Mutex<Option<StoreError>>,
    sent: Mutex<usize>,
}

impl Courier {
    /// Delivers what is due: without `stop` until nothing is, with it until it says so.
    ///
    /// # Errors
    /// When the database fails; letters on lanes are brought to their end first.
    pub(super) async fn round(&self, stop: Option<watch::Receiver<bool>>) -> Result<usize, StoreError> {
        if !self.ledger.is_empty() {
            self.ledger.write(&self.database.client().await?).await?;
        }
        let (moved, trouble, sent) = (Notify::new(), Mutex::default(), Mutex::default());
        let round = Round { courier: self, stop, desk: Mutex::default(), moved, trouble, sent };
        round.go().await;
        let trouble = round.trouble.lock().unwrap_or_else(PoisonError::into_inner).take();
        let sent = *round.sent.lock().unwrap_or_else(PoisonError::into_inner);
        trouble.map_or(Ok(sent), Err)
    }
}

impl Round<'_> {
    async fn go(&self) {
        let lanes = self.courier.transport.lanes(self.courier.pace.lanes);
        // The next group is prepared while the lanes are busy with this one.
        let (hand_over, on_lanes) = mpsc::channel(lanes * GROUP);
        let (end, ended) = mpsc::channel(UNMARKED);
        let on_lanes = Turnstile::new(on_lanes);
        let lanes: Vec<_> = (0..lanes).map(|_| self.lane(&on_lanes, end.clone())).collect();
        drop(end);
        let work = async { join!(self.foreman(hand_over), join_all(lanes), self.write_down(ended)) };
        tokio::select! {
            _ = work => {}
            () = self.renew() => {}
        }
        let left = self.desk(Desk::take_waiting);
        if let Err(error) = self.hand_back(&left).await {
            self.fail(error);
        }
    }

    /// Hands letters over, one after the other.
    async fn lane(&self, letters: &Turnstile<Receiver<Ready>>, end: Sender<Line>) {
        loop {
            let next = letters.lock().await.recv().await;
            let Some(ready) = next else { return };
            if self.is_over() {
                self.desk(|desk| desk.put_back(&ready.letter));
                continue;
            }
            match self.courier.carry(ready).await {
                // The receiver goes only after all lanes have.
                Carried::Ended(line) => drop(end.send(line).await),
                Carried::Stale(letter) => {
                    self.desk(|desk| desk.put_back(&letter));
                    self.moved.notify_one();
                }
            }
        }
    }

    /// Writes down what became of letters: all that ended while the last statement ran, with the next one.
    async fn write_down(&self, mut ended: Receiver<Line>) {
        while let Some(first) = ended.recv().await {
            let more = std::iter::from_fn(|| ended.try_recv().ok());
            self.courier.ledger.add([first].into_iter().chain(more));
            if let Err(error) = self.write_ledger().await {
                self.fail(error);
            }
            self.moved.notify_one();
        }
    }

    async fn write_ledger(&self) -> Result<(), StoreError> {
        let client = self.courier.database.client().await?;
        let (letters, sent) = self.courier.ledger.write(&client).await?;
        self.desk(|desk| letters.iter().for_each(|id| desk.clear(*id)));
        *self.sent.lock().unwrap_or_else(PoisonError::into_inner) += sent;
        Ok(())
    }

    async fn foreman(&self, lanes: Sender<Ready>) {
        if let Err(error) = self.keep_lanes_busy(&lanes).await {
            self.fail(error);
        }
    }

    async fn keep_lanes_busy(&self, lanes: &Sender<Ready>) -> Result<(), StoreError> {
        let (mut looked, mut taken): (_, Option<TakenOn>) = (None, None);
        while !self.is_over() {
            self.courier.look_over().await?;
            let held = self.courier.transport.is_held(self.courier.clock.now());
            if held && self.stop.is_none() {
                return Ok(());
            }
            if held {
                self.hand_back(&self.desk(Desk::take_waiting)).await?;
                self.pause().await;
                continue;
            }
            let again = looked.is_none_or(|at: Instant| at.elapsed() >= REST);
            let mut leased = 0;
            let bell = &self.courier.bell;
            let enough = self.stop.is_some() && taken.as_ref().is_some_and(|taken| taken.is_enough(bell));
            if self.desk(|desk| desk.waiting()) < LOW && again && !enough {
                leased = self.lease().await?;
                taken = Some(TakenOn::now(leased, bell));
                looked = (leased == 0).then(Instant::now);
            }
            if self.prepare_some(lanes).await? || leased > 0 {
                continue;
            }
            if enough {
                sleep(LOOK).await;
                continue;
            }
            looked = None;
            match (self.desk(|desk| desk.is_empty()), &self.stop) {
                (true, None) if again => return Ok(()),
                (true, None) => {}
                _ => self.pause().await,
            }
        }
        Ok(())
    }

    /// Prepares a group and gives it to the lanes; `false` when there was nothing to prepare.
    async fn prepare_some(&self, lanes: &Sender<Ready>) -> Result<bool, StoreError> {
        let group = self.courier.transport.lanes(self.courier.pace.lanes) * GROUP;
        let letters = self.desk(|desk| desk.pick(group));
        if letters.is_empty() {
            return Ok(false);
        }
        let prepared = match self.courier.prepare(&letters).await {
            Ok(prepared) => prepared,
            Err(error) => {
                self.desk(|desk| letters.iter().for_each(|letter| desk.put_back(letter)));
                return Err(error);
            }
        };
        self.desk(|desk| {
            prepared.gone.iter().for_each(|id| desk.clear(*id));
            prepared.later.iter().for_each(|(letter, account)| desk.later(letter, Some(*account)));
        });
        for (letter, reason) in prepared.spoilt {
            let outcome = self.courier.put_off(&letter, reason);
            self.courier.ledger.add([self.courier.line(letter, outcome)]);
        }
        if !self.courier.ledger.is_empty() {
            self.write_ledger().await?;
        }
        for ready in prepared.ready {
            if self.is_over() {
                self.desk(|desk| desk.put_back(&ready.letter));
            } else if self.desk(|desk| desk.belongs(&ready.letter, ready.account)) {
                // The lanes wait for letters until this sender is gone.
                drop(lanes.send(ready).await);
            }
        }
        Ok(true)
    }

    /// Leases more letters and returns how many; none beyond the cap.
    async fn lease(&self) -> Result<usize, StoreError> {
        let Courier { database, clock, pace, .. } = self.courier;
        let mut client = database.client().await?;
        let now = clock.now();
        let leased = match pace.per_hour {
            None => outbox::lease(&client, now, pace.lease, BATCH).await?,
            Some(cap) => {
                let turn = client.transaction().await?;
                outbox::take_turns(&turn).await?;
                let left = i64::from(cap) - outbox::sent_since(&turn, now - HOUR, now).await?;
                let leased = outbox::lease(&turn, now, pace.lease, left.clamp(0, BATCH)).await?;
                turn.commit().await?;
                leased
            }
        };
        let count = leased.len();
        if self.desk(|desk| desk.lay(leased))
            && let Err(error) = outbox::take_stock(&client).await
        {
            tracing::debug!(%error, "the tables of letters could not be looked at");
        }
        Ok(count)
    }

    async fn hand_back(&self, letters: &[Arc<PromisedLetter>]) -> Result<(), StoreError> {
        if letters.is_empty() {
            return Ok(());
        }
        let why = self.courier.transport.why_held(self.courier.clock.now());
        let letters: Vec<&PromisedLetter> = letters.iter().map(|letter| &**letter).collect();
        let client = self.courier.database.client().await?;
        outbox::release(&client, &letters, why.map(|why| why.to_string()).as_deref()).await
    }

    /// Waits until something happens, or for a while. Connections that nobody needs are closed.
    async fn pause(&self) {
        let (idle, running) = (self.desk(|desk| desk.is_empty()), self.stop.is_some());
        if idle {
            self.desk(Desk::rest);
            self.courier.transport.rest(KEPT).await;
        }
        let mut stop = self.stop.clone();
        let stopping = async {
            match &mut stop {
                Some(stop) => drop(stop.wait_for(|stopping| *stopping).await),
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            () = self.moved.notified() => {}
            () = self.courier.bell.heard(), if running => {}
            () = sleep(REST) => {}
            () = stopping => {}
        }
    }

    /// Keeps the letters in hand leased, however long a relay takes.
    async fn renew(&self) {
        loop {
            sleep(self.courier.pace.lease / 3).await;
            let letters = self.desk(|desk| desk.all());
            if letters.is_empty() {
                continue;
            }
            let letters: Vec<&PromisedLetter> = letters.iter().map(|letter| &**letter).collect();
            let renewed = async {
                let client = self.courier.database.client().await?;
                outbox::renew(&client, &letters, self.courier.clock.now() + self.courier.pace.lease).await
            };
            if let Err(error) = renewed.await {
                tracing::warn!(%error, "the leases of letters could not be renewed");
            }
        }
    }

    fn is_over(&self) -> bool {
        let troubled = self.trouble.lock().unwrap_or_else(PoisonError::into_inner).is_some();
        troubled || self.stop.as_ref().is_some_and(is_stopping)
    }

    fn fail(&self, error: StoreError) {
        self.trouble.lock().unwrap_or_else(PoisonError::into_inner).get_or_insert(error);
    }

    fn desk<T>(&self, look: impl FnOnce(&mut Desk) -> T) -> T {
        look(&mut self.desk.lock().unwrap_or_else(PoisonError::into_inner))
    }
}
