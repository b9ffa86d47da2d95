//! Takes connections out of the kernel's backlog, one for every free seat.

use std::{future::poll_fn, io, net::SocketAddr, sync::Arc, task::Poll, time::Duration};
use tokio::{
    net::{TcpListener, TcpStream},
    sync::{OwnedSemaphorePermit, Semaphore},
    time::sleep,
};
use tracing::warn;

/// Waits after errors of `accept`: the first, and the longest of those that follow, each twice the one before.
const FIRST_WAIT: Duration = Duration::from_millis(10);
const LONGEST_WAIT: Duration = Duration::from_secs(1);

/// The listening socket with the seats behind it.
pub(super) struct Backlog {
    listener: TcpListener,
    seats: Arc<Semaphore>,
    wait: Duration,
}

/// A connection that was taken, with the seat that it holds.
pub(super) struct Guest {
    pub(super) socket: TcpStream,
    pub(super) peer: SocketAddr,
    pub(super) seat: OwnedSemaphorePermit,
}

impl Backlog {
    pub(super) fn new(listener: TcpListener, seats: usize) -> Self {
        let seats = Arc::new(Semaphore::new(seats.clamp(1, Semaphore::MAX_PERMITS)));
        Self { listener, seats, wait: FIRST_WAIT }
    }

    /// The next connection. The seat comes first: who has none stays in the backlog and costs nothing. Safe to
    /// cancel.
    pub(super) async fn next(&mut self) -> Guest {
        let seat = self.seat().await;
        loop {
            match self.listener.accept().await {
                Ok((socket, peer)) => {
                    self.wait = FIRST_WAIT;
                    return Guest { socket, peer, seat };
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
        let seat = Arc::clone(&self.seats).try_acquire_owned().ok()?;
        let (socket, peer) = poll_fn(|cx| match self.listener.poll_accept(cx) {
            Poll::Ready(Ok(taken)) => Poll::Ready(Some(taken)),
            Poll::Ready(Err(_)) | Poll::Pending => Poll::Ready(None),
        })
        .await?;
        Some(Guest { socket, peer, seat })
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
