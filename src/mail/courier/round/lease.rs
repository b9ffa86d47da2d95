//! What a courier has leased: taken on within the cap, kept while it is in hand, handed back when it can't be carried.

use std::{sync::Arc, time::Duration};

use tokio::time::sleep;

use super::Round;
use crate::{
    mail::courier::Courier,
    store::{
        StoreError,
        outbox::{self, PromisedLetter},
    },
};

/// Letters leased at once.
const BATCH: i64 = 200;
/// The stretch of time that the cap on letters is for.
const HOUR: Duration = Duration::from_hours(1);

impl Round<'_> {
    /// Leases more letters and returns how many; none beyond the cap.
    pub(super) async fn lease(&self) -> Result<usize, StoreError> {
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

    /// Lets whoever comes next have letters, and says why none could be carried, if there is a reason.
    pub(super) async fn hand_back(&self, letters: &[Arc<PromisedLetter>]) -> Result<(), StoreError> {
        if letters.is_empty() {
            return Ok(());
        }
        let why = self.courier.transport.why_held(self.courier.clock.now());
        let letters: Vec<&PromisedLetter> = letters.iter().map(|letter| &**letter).collect();
        let client = self.courier.database.client().await?;
        outbox::release(&client, &letters, why.map(|why| why.to_string()).as_deref()).await
    }

    /// Keeps the letters in hand leased, however long a relay takes.
    pub(super) async fn renew(&self) {
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
}
