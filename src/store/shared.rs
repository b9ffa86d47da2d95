//! Connections that many requests use at the same time, for single statements that only read.
//!
//! What several requests ask at one time goes out in one packet and is answered in one go (pipelining), where a
//! connection each would wake the database once for each of them. A statement that may wait for a lock would make
//! strangers wait with it, and a transaction would take them in: those get connections of their own.

use std::{
    ops::Deref,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicUsize, Ordering::Relaxed},
    },
};

use deadpool::managed::{Object, Pool};

use super::{Client, StoreError, connection::Connector};

/// Of so many connections one is shared.
const ONE_OF: usize = 4;

/// A connection that is lent to many; it goes back to its pool after the last of them.
pub(super) type Lent = Arc<Object<Connector>>;

/// The connections of a pool that are shared.
pub(super) struct Shared {
    lines: Vec<Mutex<Option<Lent>>>,
    next: AtomicUsize,
}

/// A connection that others may be using at the same time. It can't be changed, so nobody begins a transaction on it.
pub struct Line(Client);

impl Deref for Line {
    type Target = Client;

    fn deref(&self) -> &Client {
        &self.0
    }
}

impl Shared {
    /// Shares some of so many connections; a small pool has none to spare.
    pub(super) fn of(connections: usize) -> Self {
        let lines = std::iter::repeat_with(Mutex::default).take(connections / ONE_OF).collect();
        Self { lines, next: AtomicUsize::new(0) }
    }

    /// The next of them; one that ended is replaced.
    pub(super) async fn line(&self, pool: &Pool<Connector>) -> Result<Line, StoreError> {
        let turn = self.next.fetch_add(1, Relaxed);
        let place = turn.checked_rem(self.lines.len()).map(|at| &self.lines[at]);
        let there = place.and_then(|place| place.lock().unwrap_or_else(PoisonError::into_inner).clone());
        if let Some(lent) = there.filter(|lent| lent.is_current()) {
            return Ok(Line(Client::sharing(pool.clone(), lent)));
        }
        let lent = Arc::new(pool.get().await?);
        if let Some(place) = place {
            *place.lock().unwrap_or_else(PoisonError::into_inner) = Some(Arc::clone(&lent));
        }
        Ok(Line(Client::sharing(pool.clone(), lent)))
    }
}
