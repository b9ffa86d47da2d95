//! Takes connections out of the kernel's backlogs, one for every free seat.

use std::{
    future::poll_fn,
    io,
    net::IpAddr,
    sync::Arc,
    task::{Context, Poll},
    time::Duration,
};

use tokio::{
    sync::{OwnedSemaphorePermit, Semaphore},
    time::sleep,
};
use tracing::warn;

use super::{
    limits::Limits,
    listener::{Door, Entrance},
    neighbours::{Counted, Neighbours},
    proxies::TrustedProxies,
    socket::Socket,
    tls::Certificates,
};
use crate::ports::{Connected, Counters};

/// Waits after errors of `accept`: the first, and the longest of those that follow, each twice the one before.
const FIRST_WAIT: Duration = Duration::from_millis(10);
const LONGEST_WAIT: Duration = Duration::from_secs(1);

/// The listening sockets with the seats behind them.
pub(super) struct Backlog {
    doors: Vec<Door>,
    /// The door that is asked first, so that none is kept waiting by the others.
    turn: usize,
    proxies: Arc<TrustedProxies>,
    seats: Arc<Semaphore>,
    neighbours: Arc<Neighbours>,
    wait: Duration,
    counters: Counters,
}

/// A connection that was taken, with the seat that it holds.
pub(super) struct Guest {
    pub(super) socket: Socket,
    /// The other end's address; `None` on a Unix socket.
    pub(super) end: Option<IpAddr>,
    /// The proxies whose words are to be heeded: the other end is one of them.
    pub(super) proxies: Option<Arc<TrustedProxies>>,
    /// What to begin TLS with.
    pub(super) certificates: Option<Arc<Certificates>>,
    /// Given up when the connection is over.
    pub(super) seat: Seat,
}

/// One of all the seats, and one of the share of an address.
pub(super) struct Seat {
    _of_all: OwnedSemaphorePermit,
    _of_address: Counted,
    _shown: Connected,
}

type Taken = (Socket, Option<IpAddr>, Option<Arc<Certificates>>);

impl Backlog {
    pub(super) fn new(entrance: Entrance, limits: &Limits) -> Self {
        let seats = Arc::new(Semaphore::new(limits.connections.clamp(1, Semaphore::MAX_PERMITS)));
        let Entrance { doors, proxies, counters } = entrance;
        let neighbours = Neighbours::new(limits.connections_per_address);
        Self { doors, turn: 0, proxies: Arc::new(proxies), seats, neighbours, wait: FIRST_WAIT, counters }
    }

    /// The next connection. The seat comes first: who has none stays in the backlog and costs nothing. Safe to
    /// cancel.
    pub(super) async fn next(&mut self) -> Guest {
        let mut seat = self.seat().await;
        loop {
            match poll_fn(|cx| self.poll_accept(cx)).await {
                Ok(taken) => {
                    self.wait = FIRST_WAIT;
                    match self.show_in(taken, seat) {
                        Ok(guest) => return guest,
                        Err(free) => seat = free,
                    }
                }
                // Gone before it was taken: says nothing about the next one.
                Err(fault) if fault.kind() == io::ErrorKind::ConnectionAborted => {}
                Err(fault) => {
                    warn!(%fault, "a connection could not be taken");
                    let wait = self.wait;
                    self.wait = (wait * 2).min(LONGEST_WAIT);
                    sleep(wait).await;
                }
            }
        }
    }

    /// A connection that is waiting already, if there is one and a seat for it.
    pub(super) async fn waiting(&mut self) -> Option<Guest> {
        loop {
            let seat = Arc::clone(&self.seats).try_acquire_owned().ok()?;
            let taken = poll_fn(|cx| match self.poll_accept(cx) {
                Poll::Ready(Ok(taken)) => Poll::Ready(Some(taken)),
                Poll::Ready(Err(_)) | Poll::Pending => Poll::Ready(None),
            });
            let taken = taken.await?;
            if let Ok(guest) = self.show_in(taken, seat) {
                return Some(guest);
            }
        }
    }

    /// Asks each door once.
    fn poll_accept(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<Taken>> {
        for step in 0..self.doors.len() {
            let place = (self.turn + step) % self.doors.len();
            let door = &self.doors[place];
            if let Poll::Ready(accepted) = door.poll_accept(cx) {
                self.turn = place + 1;
                return Poll::Ready(accepted.map(|(socket, end)| (socket, end, door.certificates())));
            }
        }
        Poll::Pending
    }

    /// Seats a connection, unless its address has its share. A trusted proxy speaks for many.
    fn show_in(&self, taken: Taken, seat: OwnedSemaphorePermit) -> Result<Guest, OwnedSemaphorePermit> {
        let (socket, end, certificates) = taken;
        let proxies = self.proxies.trust(end).then(|| Arc::clone(&self.proxies));
        match self.neighbours.admit(end.filter(|_| proxies.is_none())) {
            Some(counted) => {
                let seat = Seat { _of_all: seat, _of_address: counted, _shown: self.counters.connected() };
                Ok(Guest { socket, end, proxies, certificates, seat })
            }
            None => Err(seat),
        }
    }

    async fn seat(&self) -> OwnedSemaphorePermit {
        if let Ok(seat) = Arc::clone(&self.seats).try_acquire_owned() {
            return seat;
        }
        loop {
            // The semaphore is never closed; asking again is the answer to what cannot happen.
            if let Ok(seat) = Arc::clone(&self.seats).acquire_owned().await {
                return seat;
            }
        }
    }
}
