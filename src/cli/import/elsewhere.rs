//! Another database with Traffic Ops' tables.

use crate::{
    service::moving::{Arriving, Broken, Place, Source},
    store::{
        GenericClient, StoreError,
        export::{Departing, Departures},
    },
};

/// Its rows, the oldest accounts first.
pub(super) struct Elsewhere<C>(Departures<C>);

impl<C: GenericClient> Elsewhere<C> {
    pub(super) async fn begin(transaction: C) -> Result<Self, StoreError> {
        Ok(Self(Departures::begin(transaction, Departing::ByAge).await?))
    }
}

impl<C: GenericClient> Source for Elsewhere<C> {
    async fn next(&mut self) -> Result<Option<Arriving>, Broken> {
        let next = self.0.next().await?;
        Ok(next.map(|(of, number, line)| Arriving { place: Place { of, number }, content: Ok(line) }))
    }
}
