//! The listener: takes connections within its limits, lets warp answer, and leaves in good order.

mod activity;
mod address;
mod backlog;
mod call;
mod connection;
mod forwarded;
#[cfg(any(fuzzing, test))]
pub(crate) mod fuzz;
mod limits;
mod listener;
mod neighbours;
mod observe;
mod open_files;
mod pair;
mod proxies;
mod running;
mod socket;
mod stream;
mod tls;
mod unix_socket;
mod upload;
mod watchdog;

use std::{convert::Infallible, sync::Arc};

use http::{Request, StatusCode};
use hyper::service::Service;
use hyper_util::service::TowerToHyperService;
use tokio::{sync::watch, task::JoinSet, time::timeout};
use tracing::{info, warn};
use warp::{Filter, Reply, reply::Response};

use self::{backlog::Backlog, running::Running, upload::Upload};

pub use address::{Address, Listen, NoAddress, SocketMode};
pub use limits::Limits;
pub use listener::{Entrance, ListenError, Place};
pub use observe::{Shown, observe};
pub use pair::CertificateError;
pub use proxies::{ForwardedHeader, NoProxy, Proxy, TrustedProxies};
pub use tls::Certificates;

/// Words an answer for a request (its path is given) that the listener itself has to refuse: 408 when the
/// client's body did not arrive in time, 503 when the service took too long or too many calls are at work, 500 when it
/// broke.
pub type Refusal = Arc<dyn Fn(&str, StatusCode) -> Response + Send + Sync>;

/// What answers requests, as hyper sees it.
trait Answers:
    Service<Request<Upload>, Response = Response, Error = Infallible, Future: Send> + Send + Sync + 'static
{
}

impl<S> Answers for S where
    S: Service<Request<Upload>, Response = Response, Error = Infallible, Future: Send>
        + Send
        + Sync
        + 'static
{
}

/// What all connections share.
struct Reception<S> {
    service: S,
    limits: Limits,
    refuse: Refusal,
    running: Arc<Running>,
}

/// Serves `routes` on what comes in by `entrance` (a `TcpListener` will do) until `stop` says `true` or its sender is
/// gone, and returns when all is over.
///
/// Connections beyond the cap stay in the kernel's backlog; those beyond an address's share are closed. After the stop
/// nothing new is taken, but what already connected is; calls that run are finished, each with `Connection: close`,
/// idle connections are closed, and what is left at the end of [`Limits::drain_timeout`] is cut. Errors of `accept` are
/// waited out, they never end the loop. Every request comes to `routes` as
/// [`arrived`](crate::http::arrived()) leaves it, with its [`Peer`](crate::http::Peer).
pub async fn serve<F>(
    entrance: impl Into<Entrance>,
    routes: F,
    limits: Limits,
    refuse: Refusal,
    mut stop: watch::Receiver<bool>,
) where
    F: Filter<Error = Infallible> + Clone + Send + Sync + 'static,
    F::Extract: Reply,
    F::Future: Send,
{
    open_files::make_room(limits.connections);
    let mut backlog = Backlog::new(entrance.into(), &limits);
    let running = Running::new(limits.calls);
    let service = TowerToHyperService::new(warp::service(routes));
    let reception = Arc::new(Reception { service, limits, refuse, running });
    let mut guests = JoinSet::new();
    let over = stop.clone();
    let stopped = async move { drop(stop.wait_for(|stop| *stop).await) };
    let mut stopped = std::pin::pin!(stopped);
    loop {
        let guest = tokio::select! {
            biased;
            () = &mut stopped => break,
            Some(_) = guests.join_next(), if !guests.is_empty() => continue,
            guest = backlog.next() => guest,
        };
        guests.spawn(connection::attend(guest, Arc::clone(&reception), over.clone()));
    }
    while let Some(guest) = backlog.waiting().await {
        guests.spawn(connection::attend(guest, Arc::clone(&reception), over.clone()));
    }
    drop(backlog);
    drain(guests, reception.limits.drain_timeout).await;
}

/// Lets the connections come to their ends, and cuts those that have not in time.
async fn drain(mut guests: JoinSet<()>, time: std::time::Duration) {
    info!(connections = guests.len(), "stopping: finishing what runs");
    let ends = async { while guests.join_next().await.is_some() {} };
    if timeout(time, ends).await.is_err() {
        warn!(connections = guests.len(), "the time to finish is over: cutting what is left");
    }
    guests.shutdown().await;
}
