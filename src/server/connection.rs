//! One connection from its first byte to its last: transport security, then the protocol that was agreed on.

use std::{
    pin::{Pin, pin},
    sync::Arc,
    time::Duration,
};

use hyper::server::conn::{http1, http2};
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt},
    sync::watch,
    time::{sleep, timeout},
};
use tokio_rustls::server::TlsStream;
use tracing::debug;

use super::{
    Answers, Reception,
    activity::{Activity, Manner},
    backlog::Guest,
    call::{self, Desk},
    socket::Socket,
    stream::Watched,
    tls::{self, Certificates},
    watchdog::{End, watch_over},
};
use crate::http::Peer;

/// The smallest read buffer that hyper takes.
const SMALLEST_BUFFER: usize = 8 * 1024;

/// How long a peer may go on sending what nobody will read. To close on it would throw away the answer (a reset
/// overtakes the data, RFC 9112 section 9.6): a refusal of a body that is too long would never be seen.
const LINGER: Duration = Duration::from_secs(1);

/// How long a handshake may go on once the server is stopping.
const LAST_HANDSHAKE: Duration = Duration::from_secs(1);

/// How often an HTTP/2 peer is asked whether it is still there, and how long it may take to say so. It finds out
/// who is gone while calls run; who has nothing to ask is the watchdog's.
const PING_EVERY: Duration = Duration::from_secs(20);
const PONG_WITHIN: Duration = Duration::from_secs(10);

/// Streams that a peer opened and took back before they were looked at, and faults of its own making, that end an
/// HTTP/2 connection (CVE-2023-44487, RUSTSEC-2024-0003).
const RESETS: usize = 20;
const FAULTS: usize = 100;

/// Attends to a guest until it leaves, the time is up, or the server stops. The seat is free afterwards.
pub(super) async fn attend<S: Answers>(
    guest: Guest,
    reception: Arc<Reception<S>>,
    stop: watch::Receiver<bool>,
) {
    let Guest { socket, end, proxies, certificates, seat } = guest;
    if let Err(fault) = socket.without_delay() {
        debug!(%fault, "no TCP_NODELAY");
    }
    let peer = Peer { address: end, secure: certificates.is_some() };
    let desk = |manner| Desk::new(&reception, Activity::new(manner), peer, proxies);
    match certificates {
        None => http1(socket, desk(Manner::InTurn), stop).await,
        // On the heap: what TLS and HTTP/2 need for their steps is not paid for by connections without them.
        Some(certificates) => Box::pin(securely(socket, &certificates, &reception, desk, stop)).await,
    }
    drop(seat);
}

/// Agrees on keys and protocol, then speaks it.
async fn securely<S: Answers>(
    socket: Socket,
    certificates: &Certificates,
    reception: &Reception<S>,
    desk: impl FnOnce(Manner) -> Arc<Desk<S>>,
    stop: watch::Receiver<bool>,
) {
    let within = reception.limits.handshake_timeout;
    match Box::pin(handshake(socket, certificates, within, stop.clone())).await {
        Some(stream) if tls::chose_http2(&stream) => http2(stream, desk(Manner::AtOnce), stop).await,
        Some(stream) => http1(stream, desk(Manner::InTurn), stop).await,
        None => {}
    }
}

/// Agrees on keys, or gives up: at the time-out, or a moment after the stop.
async fn handshake(
    socket: Socket,
    certificates: &Certificates,
    within: Duration,
    mut stop: watch::Receiver<bool>,
) -> Option<TlsStream<Socket>> {
    let over = async {
        drop(stop.wait_for(|stop| *stop).await);
        sleep(LAST_HANDSHAKE).await;
    };
    tokio::select! {
        biased;
        shaken = certificates.handshake(socket, within) => {
            shaken.inspect_err(|fault| debug!(%fault, "no handshake")).ok()
        }
        () = over => None,
    }
}

/// Speaks HTTP/1.1 and 1.0 on a stream.
async fn http1<I, S>(stream: I, desk: Arc<Desk<S>>, stop: watch::Receiver<bool>)
where
    I: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    S: Answers,
{
    let limits = desk.reception.limits.clone();
    let activity = Arc::clone(&desk.activity);
    let service = hyper::service::service_fn(move |request| call::answer(Arc::clone(&desk), request));
    let stream = TokioIo::new(Watched::new(stream, Arc::clone(&activity)));
    let mut connection = http1::Builder::new()
        .header_read_timeout(None)
        .max_header_size(limits.header_bytes)
        .max_buf_size(limits.header_bytes.max(SMALLEST_BUFFER))
        .serve_connection(stream, service);
    // No words of leave: the next answer carries `Connection: close`, and who waits for none is the watchdog's.
    if watch_over(Pin::new(&mut connection), |_| (), &activity, &limits, stop).await == End::Over {
        linger(connection.into_parts().io.into_inner()).await;
    }
}

/// Speaks HTTP/2 on a stream.
async fn http2<I, S>(stream: I, desk: Arc<Desk<S>>, stop: watch::Receiver<bool>)
where
    I: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    S: Answers,
{
    let limits = desk.reception.limits.clone();
    let activity = Arc::clone(&desk.activity);
    let service = hyper::service::service_fn(move |request| call::answer(Arc::clone(&desk), request));
    let stream = TokioIo::new(Watched::new(stream, Arc::clone(&activity)));
    let connection = http2::Builder::new(TokioExecutor::new())
        .timer(TokioTimer::new())
        .max_concurrent_streams(limits.streams)
        .max_header_list_size(u32::try_from(limits.header_bytes).unwrap_or(u32::MAX))
        .keep_alive_interval(PING_EVERY)
        .keep_alive_timeout(PONG_WITHIN)
        .max_pending_accept_reset_streams(RESETS)
        .max_local_error_reset_streams(FAULTS)
        .serve_connection(stream, service);
    let goaway = |connection: Pin<&mut _>| http2::Connection::graceful_shutdown(connection);
    watch_over(pin!(connection), goaway, &activity, &limits, stop).await;
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
