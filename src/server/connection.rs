//! One connection from its first byte to its last, and the watchdog that ends it when its time is up.

use super::{
    Reception,
    activity::Activity,
    backlog::Guest,
    call::{self, Desk},
    limits::Limits,
    stream::Watched,
    upload::Upload,
};
use http::Request;
use hyper::{server::conn::http1, service::Service};
use hyper_util::rt::TokioIo;
use std::{
    convert::Infallible,
    future::{Future, poll_fn},
    net::SocketAddr,
    pin::{Pin, pin},
    sync::Arc,
    task::{Context, Poll, ready},
    time::Duration,
};
use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt},
    sync::watch,
    time::{Instant, Sleep, sleep_until, timeout},
};
use tracing::debug;
use warp::reply::Response;

/// The smallest read buffer that hyper takes.
const SMALLEST_BUFFER: usize = 8 * 1024;

/// How long a peer may go on sending what nobody will read. To close on it would throw away the answer (a reset
/// overtakes the data, RFC 9112 section 9.6): a refusal of a body that is too long would never be seen.
const LINGER: Duration = Duration::from_secs(1);

/// Why a connection ended.
#[derive(PartialEq)]
enum End {
    /// By agreement, or by a fault that one of the two sides has heard of.
    Over,
    /// Its time was up.
    Cut,
}

/// Attends to a guest until it leaves, the time is up, or the server stops. The seat is free afterwards.
pub(super) async fn attend<S>(guest: Guest, reception: Arc<Reception<S>>, stop: watch::Receiver<bool>)
where
    S: Service<Request<Upload>, Response = Response, Error = Infallible, Future: Send>
        + Send
        + Sync
        + 'static,
{
    let Guest { socket, peer, seat } = guest;
    if let Err(fault) = socket.set_nodelay(true) {
        debug!(%fault, "no TCP_NODELAY");
    }
    // Transport security goes between these two lines; the protocol it agrees on chooses what comes next.
    plain_http1(socket, peer, reception, stop).await;
    drop(seat);
}

/// Speaks HTTP/1.1 and 1.0 on a stream.
async fn plain_http1<I, S>(
    stream: I,
    peer: SocketAddr,
    reception: Arc<Reception<S>>,
    stop: watch::Receiver<bool>,
) where
    I: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    S: Service<Request<Upload>, Response = Response, Error = Infallible, Future: Send>
        + Send
        + Sync
        + 'static,
{
    let activity = Activity::new();
    let limits = reception.limits.clone();
    let desk = Arc::new(Desk { reception, activity: Arc::clone(&activity), peer });
    let service = hyper::service::service_fn(move |request| call::answer(Arc::clone(&desk), request));
    let stream = TokioIo::new(Watched::new(stream, Arc::clone(&activity)));
    let mut connection = http1::Builder::new()
        .header_read_timeout(None)
        .max_header_size(limits.header_bytes)
        .max_buf_size(limits.header_bytes.max(SMALLEST_BUFFER))
        .serve_connection(stream, service);
    if watch_over(Pin::new(&mut connection), &activity, &limits, stop).await == End::Over {
        linger(connection.into_parts().io.into_inner()).await;
    }
}

/// Drives a connection of either protocol, tells it of the stop, and gives up on it at its deadline.
async fn watch_over<C, E>(
    mut connection: Pin<&mut C>,
    activity: &Activity,
    limits: &Limits,
    mut stop: watch::Receiver<bool>,
) -> End
where
    C: Future<Output = Result<(), E>>,
    E: std::error::Error,
{
    let mut stopped = pin!(stop.wait_for(|stop| *stop));
    let mut alarm = pin!(sleep_until(Instant::now() + limits.header_timeout));
    poll_fn(|cx| {
        if let Poll::Ready(outcome) = connection.as_mut().poll(cx) {
            if let Err(fault) = outcome {
                debug!(%fault, "a connection ended badly");
            }
            return Poll::Ready(End::Over);
        }
        if !activity.closing() && stopped.as_mut().poll(cx).is_ready() {
            activity.close();
        }
        ready!(rang(alarm.as_mut(), activity, limits, cx));
        Poll::Ready(End::Cut)
    })
    .await
}

/// Ready when the deadline is over that the connection has now. The alarm is only moved when it has to ring
/// earlier, or has rung too early: not with every request.
fn rang(mut alarm: Pin<&mut Sleep>, activity: &Activity, limits: &Limits, cx: &mut Context<'_>) -> Poll<()> {
    let sooner = activity.deadline(limits).filter(|due| *due < alarm.deadline());
    if let Some(due) = sooner {
        alarm.as_mut().reset(due);
    }
    loop {
        ready!(alarm.as_mut().poll(cx));
        let now = Instant::now();
        let due = activity.deadline(limits).unwrap_or(now + limits.header_timeout);
        if due <= now {
            return Poll::Ready(());
        }
        alarm.as_mut().reset(due);
    }
}

/// Says that no more will come and reads on until the peer says the same, or for [`LINGER`].
async fn linger<I: AsyncRead + AsyncWrite + Unpin>(mut stream: I) {
    // On the heap: a buffer in the future would be paid for by every connection all its life.
    let mut scrap = vec![0; 4096];
    let goodbye = async {
        let _ = stream.shutdown().await;
        while stream.read(&mut scrap).await.is_ok_and(|count| count > 0) {}
    };
    let _ = timeout(LINGER, goodbye).await;
}
