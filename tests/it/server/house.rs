//! A listener by itself, with a few paths behind it.

use std::{convert::Infallible, net::SocketAddr, sync::Arc, time::Duration};

use bytes::Buf;
use futures_util::{Stream, StreamExt};
use latchkey::{
    http::Peer,
    server::{Entrance, Limits, serve},
};
use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    sync::{Semaphore, watch},
    task::JoinHandle,
    time::timeout,
};
use warp::{Filter, Reply, http::StatusCode, path::FullPath, reply::Response};

/// What no step of a test may take: whoever waits for longer waits in vain.
pub const NEVER: Duration = Duration::from_secs(30);

/// What the listener gives everything that a test is not about. It is longer than [`NEVER`], so that what happens in
/// time happens for the limit that the test has shortened.
const PATIENCE: Duration = Duration::from_hours(1);

pub const fn ms(count: u64) -> Duration {
    Duration::from_millis(count)
}

/// Limits that no test comes near; each shortens the one that it is about.
pub fn patient() -> Limits {
    Limits {
        connections: 8,
        connections_per_address: 0,
        calls: 100,
        streams: 100,
        handshake_timeout: PATIENCE,
        header_timeout: PATIENCE,
        call_timeout: PATIENCE,
        idle_timeout: PATIENCE,
        drain_timeout: PATIENCE,
        header_bytes: 8192,
    }
}

/// A listener that serves.
pub struct House {
    /// Where, if it is a port.
    pub address: SocketAddr,
    pub stop: watch::Sender<bool>,
    pub turnstile: Turnstile,
    over: JoinHandle<()>,
}

/// Where calls of `/slow` wait.
#[derive(Clone)]
pub struct Turnstile {
    /// One is added by each call that begins.
    begun: Arc<Semaphore>,
    /// One is taken by each call before it answers.
    pub go: Arc<Semaphore>,
}

fn refuse(path: &str, status: StatusCode) -> Response {
    warp::reply::with_status(format!("refused {path}"), status).into_response()
}

/// What the house says at each of its paths. A body is read at `/length` only.
async fn says<B: Buf>(
    turnstile: Turnstile,
    path: FullPath,
    peer: Option<Peer>,
    body: impl Stream<Item = Result<B, warp::Error>>,
) -> String {
    match path.as_str() {
        "/length" => body.fold(0, async |sum, part| sum + part.unwrap().remaining()).await.to_string(),
        "/who" => {
            let Peer { address, secure } = peer.unwrap();
            let address = address.map_or("nobody".to_owned(), |address| address.to_string());
            format!("{address} {}", if secure { "securely" } else { "openly" })
        }
        "/broken" => panic!("a defect in a handler"),
        "/slow" => {
            turnstile.begun.add_permits(1);
            turnstile.go.acquire().await.unwrap().forget();
            "slow".to_owned()
        }
        "/long" => "long ".repeat(1_000_000),
        _ => "quick".to_owned(),
    }
}

impl House {
    /// On a port, without TLS.
    pub async fn open(limits: Limits) -> Self {
        Self::at(TcpListener::bind("127.0.0.1:0").await.unwrap().into(), limits)
    }

    /// On whatever was opened.
    pub fn at(entrance: Entrance, limits: Limits) -> Self {
        let address = entrance.places().unwrap().iter().find_map(|place| place.address);
        let address = address.unwrap_or(([127, 0, 0, 1], 0).into());
        let (stop, stopped) = watch::channel(false);
        let turnstile = Turnstile { begun: Arc::new(Semaphore::new(0)), go: Arc::new(Semaphore::new(0)) };
        let theirs = turnstile.clone();
        let routes = warp::path::full()
            .and(latchkey::http::sender())
            .and(warp::body::stream())
            .then(move |path, peer, body| says(theirs.clone(), path, peer, body))
            .recover(async |_| Ok::<_, Infallible>(StatusCode::NOT_FOUND));
        let over = tokio::spawn(serve(entrance, routes, limits, Arc::new(refuse), stopped));
        Self { address, stop, over, turnstile }
    }

    /// A connection on which something was said.
    pub async fn say(&self, words: &str) -> TcpStream {
        let mut socket = TcpStream::connect(self.address).await.unwrap();
        socket.write_all(words.as_bytes()).await.unwrap();
        socket
    }

    pub async fn slow_call_has_begun(&self) {
        timeout(NEVER, self.turnstile.begun.acquire()).await.expect("no call arrived").unwrap().forget();
    }

    /// Lets a slow call that runs on this connection have its answer, and closes then.
    pub async fn closes_after(self, mut running: impl AsyncRead + Unpin) {
        self.turnstile.go.add_permits(1);
        let heard = until_closed(&mut running).await;
        assert!(heard.contains("connection: close\r\n") && heard.ends_with("slow"), "{heard}");
        drop(running);
        self.closes().await;
    }

    pub async fn closes(self) {
        timeout(NEVER, self.over).await.expect("the server does not stop").unwrap();
    }
}

/// Everything until the server closes.
pub async fn until_closed(socket: &mut (impl AsyncRead + Unpin)) -> String {
    let mut heard = Vec::new();
    let _ = timeout(NEVER, socket.read_to_end(&mut heard)).await.expect("the connection was not closed");
    String::from_utf8(heard).unwrap()
}

/// One answer of a connection that stays open; its body ends with `last`.
pub async fn answer(socket: &mut (impl AsyncRead + Unpin), last: &str) -> String {
    let mut heard = String::new();
    while !heard.ends_with(last) {
        let mut bytes = [0; 1024];
        let count = timeout(NEVER, socket.read(&mut bytes)).await.expect("no answer").unwrap();
        assert!(count > 0, "closed after {heard:?}");
        heard.push_str(std::str::from_utf8(&bytes[..count]).unwrap());
    }
    heard
}

pub fn get(path: &str) -> String {
    format!("GET /{path} HTTP/1.1\r\nHost: x\r\n\r\n")
}
