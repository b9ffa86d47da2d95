//! The foreman of a round: keeps the lanes busy, and rests when there is nothing to carry.

use std::time::Duration;

use tokio::{
    sync::mpsc::Sender,
    time::{Instant, sleep},
};

use super::{GROUP, Round};
use crate::{
    mail::courier::{
        carry::Ready,
        desk::Desk,
        give_way::{LOOK, TakenOn},
    },
    store::StoreError,
};

/// Fewer than this in hand, and more are leased.
const LOW: usize = 100;
/// How long a courier without letters rests unless the bell rings.
const REST: Duration = Duration::from_secs(1);
/// How long a connection is kept for the next letter.
const KEPT: Duration = Duration::from_secs(5);

impl Round<'_> {
    pub(super) async fn foreman(&self, lanes: Sender<Ready>) {
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
}
