//! A round: one task leases and prepares, several lanes hand over, one hand writes down what became of letters.

mod foreman;
mod lease;

use std::sync::{Mutex, PoisonError};

use futures_util::future::join_all;
use tokio::{
    join,
    sync::{
        Mutex as Turnstile, Notify,
        mpsc::{self, Receiver, Sender},
        watch,
    },
};

use super::{
    Courier,
    carry::{Carried, Ready},
    desk::Desk,
    is_stopping,
    ledger::Line,
};
use crate::store::StoreError;

/// Letters prepared at once, for each lane.
const GROUP: usize = 16;
/// Letters that may have been accepted and not yet marked: a crash sends so many twice at most, beside those on lanes.
const UNMARKED: usize = 32;

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
