//! The listener for those who watch: small, plain, and apart from the one that clients use.

use std::{convert::Infallible, sync::Arc, time::Duration};

use bytes::Bytes;
use http::{HeaderValue, Method, Request, Response, StatusCode, header};
use http_body_util::Full;
use hyper::{body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::{
    net::{TcpListener, TcpStream},
    sync::Semaphore,
    task::JoinSet,
    time::{sleep, timeout},
};
use tracing::{debug, warn};

/// Watchers at one time; more wait in the kernel's backlog.
const WATCHERS: usize = 32;
/// How long a watcher may take for a request, and we for an answer.
const PATIENCE: Duration = Duration::from_secs(10);
/// How long after an error of `accept` it is tried again.
const WAIT: Duration = Duration::from_millis(100);

/// What a watcher is shown.
pub struct Shown {
    /// The HTTP status.
    pub status: StatusCode,
    /// Type of the body.
    pub content_type: &'static str,
    /// The body.
    pub body: String,
}

impl Shown {
    /// A line of plain text.
    pub fn line(status: StatusCode, line: &str) -> Self {
        Self { status, content_type: "text/plain; charset=utf-8", body: format!("{line}\n") }
    }
}

/// Shows whoever connects what `show` says about the path, until the future is dropped.
pub async fn observe<S, F>(listener: TcpListener, show: S)
where
    S: Fn(String) -> F + Send + Sync + 'static,
    F: Future<Output = Shown> + Send + 'static,
{
    let (show, seats) = (Arc::new(show), Arc::new(Semaphore::new(WATCHERS)));
    let mut watchers = JoinSet::new();
    loop {
        while watchers.try_join_next().is_some() {}
        let Ok(seat) = Arc::clone(&seats).acquire_owned().await else { return };
        match listener.accept().await {
            Ok((socket, _)) => {
                let show = Arc::clone(&show);
                watchers.spawn(async move {
                    attend(socket, show).await;
                    drop(seat);
                });
            }
            Err(fault) => {
                warn!(%fault, "a watcher could not be taken");
                sleep(WAIT).await;
            }
        }
    }
}

async fn attend<S, F>(socket: TcpStream, show: Arc<S>)
where
    S: Fn(String) -> F + Send + Sync + 'static,
    F: Future<Output = Shown> + Send + 'static,
{
    let service = service_fn(move |request| {
        let show = Arc::clone(&show);
        async move { Ok::<_, Infallible>(answer(&request, &*show).await) }
    });
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(PATIENCE)
        .serve_connection(TokioIo::new(socket), service);
    if let Err(fault) = connection.await {
        debug!(%fault, "a watcher's connection ended badly");
    }
}

async fn answer<S, F>(request: &Request<Incoming>, show: &S) -> Response<Full<Bytes>>
where
    S: Fn(String) -> F,
    F: Future<Output = Shown>,
{
    let shown = match *request.method() {
        Method::GET | Method::HEAD => timeout(PATIENCE, show(request.uri().path().to_owned())).await,
        _ => Ok(Shown::line(StatusCode::METHOD_NOT_ALLOWED, "only GET and HEAD")),
    };
    let late = |_| Shown::line(StatusCode::SERVICE_UNAVAILABLE, "it took too long");
    let Shown { status, content_type, body } = shown.unwrap_or_else(late);
    let mut response = Response::new(Full::new(Bytes::from(body)));
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(content_type));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    if status == StatusCode::METHOD_NOT_ALLOWED {
        headers.insert(header::ALLOW, HeaderValue::from_static("GET, HEAD"));
    }
    response
}
