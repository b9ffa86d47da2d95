//! The listener by itself: time-outs, the cap, and leaving in good order, seen from a raw socket.

use bytes::Buf;
use futures_util::{Stream, StreamExt};
use latchkey::{
    http::Peer,
    server::{Limits, serve},
};
use std::{convert::Infallible, net::SocketAddr, sync::Arc, time::Duration};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    sync::{Semaphore, watch},
    task::JoinHandle,
    time::{Instant, timeout},
};
use warp::{Filter, Reply, http::StatusCode, path::FullPath, reply::Response};

/// What no test here may take.
const NEVER: Duration = Duration::from_secs(5);

const fn ms(count: u64) -> Duration {
    Duration::from_millis(count)
}

/// Limits that none of a test's steps comes near; a test shortens the one it is about.
fn patient() -> Limits {
    Limits {
        connections: 8,
        header_timeout: NEVER,
        call_timeout: NEVER,
        idle_timeout: NEVER,
        drain_timeout: NEVER,
        header_bytes: 8192,
    }
}

struct House {
    address: SocketAddr,
    stop: watch::Sender<bool>,
    over: JoinHandle<()>,
    turnstile: Turnstile,
}

/// Where calls of `/slow` wait.
#[derive(Clone)]
struct Turnstile {
    /// One is added by each call that begins.
    begun: Arc<Semaphore>,
    /// One is taken by each call before it answers.
    go: Arc<Semaphore>,
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
        "/who" => peer.unwrap().0.to_string(),
        "/broken" => panic!("a defect in a handler"),
        "/slow" => {
            turnstile.begun.add_permits(1);
            turnstile.go.acquire().await.unwrap().forget();
            "slow".to_owned()
        }
        _ => "quick".to_owned(),
    }
}

impl House {
    async fn open(limits: Limits) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (stop, stopped) = watch::channel(false);
        let turnstile = Turnstile { begun: Arc::new(Semaphore::new(0)), go: Arc::new(Semaphore::new(0)) };
        let theirs = turnstile.clone();
        let routes = warp::path::full()
            .and(warp::ext::optional::<Peer>())
            .and(warp::body::stream())
            .then(move |path, peer, body| says(theirs.clone(), path, peer, body))
            .recover(async |_| Ok::<_, Infallible>(StatusCode::NOT_FOUND));
        let over = tokio::spawn(serve(listener, routes, limits, Arc::new(refuse), stopped));
        Self { address, stop, over, turnstile }
    }

    async fn say(&self, words: &str) -> TcpStream {
        let mut socket = TcpStream::connect(self.address).await.unwrap();
        socket.write_all(words.as_bytes()).await.unwrap();
        socket
    }

    async fn slow_call_has_begun(&self) {
        timeout(NEVER, self.turnstile.begun.acquire()).await.expect("no call arrived").unwrap().forget();
    }

    async fn closes(self) {
        timeout(NEVER, self.over).await.expect("the server does not stop").unwrap();
    }
}

/// Everything until the server closes, and how long that took.
async fn until_closed(socket: &mut TcpStream) -> (String, Duration) {
    let (start, mut heard) = (Instant::now(), Vec::new());
    let _ = timeout(NEVER, socket.read_to_end(&mut heard)).await.expect("the connection was not closed");
    (String::from_utf8(heard).unwrap(), start.elapsed())
}

/// One answer of a connection that stays open; its body ends with `last`.
async fn answer(socket: &mut TcpStream, last: &str) -> String {
    let mut heard = String::new();
    while !heard.ends_with(last) {
        let mut bytes = [0; 1024];
        let count = timeout(NEVER, socket.read(&mut bytes)).await.expect("no answer").unwrap();
        assert!(count > 0, "closed after {heard:?}");
        heard.push_str(std::str::from_utf8(&bytes[..count]).unwrap());
    }
    heard
}

fn get(path: &str) -> String {
    format!("GET /{path} HTTP/1.1\r\nHost: x\r\n\r\n")
}

#[tokio::test]
async fn whoever_says_nothing_or_half_a_request_is_cut_off_in_time() {
    let house = House::open(Limits { header_timeout: ms(100), ..patient() }).await;
    for words in ["", "GET /qui", "GET /quick HTTP/1.1\r\nHost: x\r\nX-Slow:"] {
        let (heard, took) = until_closed(&mut house.say(words).await).await;
        assert_eq!(heard, "", "after {words:?}");
        assert!(took > ms(60) && took < ms(2000), "{took:?} after {words:?}");
    }
}

#[tokio::test]
async fn headers_that_drip_do_not_stretch_their_time() {
    let house = House::open(Limits { header_timeout: ms(150), ..patient() }).await;
    let mut socket = house.say("").await;
    let start = Instant::now();
    let mut drip = tokio::time::interval(ms(10));
    while start.elapsed() < NEVER && socket.write_all(b"G").await.is_ok() {
        drip.tick().await;
    }
    assert!(start.elapsed() < ms(2000), "{:?}", start.elapsed());
}

#[tokio::test]
async fn half_a_body_is_answered_with_408_in_the_envelope_and_the_connection_closed() {
    let house = House::open(Limits { call_timeout: ms(100), ..patient() }).await;
    let words = "POST /length HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nhalf";
    let (heard, took) = until_closed(&mut house.say(words).await).await;
    assert!(heard.starts_with("HTTP/1.1 408 "), "{heard}");
    assert!(heard.contains("connection: close\r\n") && heard.ends_with("refused /length"), "{heard}");
    assert!(took < ms(2500), "{took:?}");
}

#[tokio::test]
async fn a_call_that_takes_too_long_is_our_fault_and_so_is_one_that_breaks() {
    let house = House::open(Limits { call_timeout: ms(100), ..patient() }).await;
    for (path, status) in [("slow", "503"), ("broken", "500")] {
        let (heard, _) = until_closed(&mut house.say(&get(path)).await).await;
        assert!(heard.starts_with(&format!("HTTP/1.1 {status} ")), "{heard}");
        assert!(heard.ends_with(&format!("refused /{path}")), "{heard}");
    }
}

#[tokio::test]
async fn a_connection_is_kept_between_requests_and_closed_when_it_lies_idle() {
    let house = House::open(Limits { header_timeout: ms(100), idle_timeout: ms(400), ..patient() }).await;
    let mut socket = house.say("").await;
    for _ in 0..3 {
        socket.write_all(get("quick").as_bytes()).await.unwrap();
        assert!(answer(&mut socket, "quick").await.starts_with("HTTP/1.1 200 "));
    }
    let (heard, took) = until_closed(&mut socket).await;
    assert_eq!(heard, "");
    assert!(took > ms(300) && took < ms(2500), "idle time and header time are two things: {took:?}");
}

#[tokio::test]
async fn pipelined_requests_are_answered_in_their_order() {
    let house = House::open(patient()).await;
    let last = "GET /end HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";
    let words =
        format!("{}POST /length HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\n12345{last}", get("who"));
    let mut socket = house.say(&words).await;
    let own = socket.local_addr().unwrap().to_string();
    let (heard, _) = until_closed(&mut socket).await;
    assert_eq!(heard.matches("HTTP/1.1 200 ").count(), 3, "{heard}");
    let (who, length) = (heard.find(&own).unwrap(), heard.find("\r\n\r\n5").unwrap());
    assert!(who < length && heard.ends_with("quick"), "{heard}");
}

#[tokio::test]
async fn http_1_0_is_answered_and_closed() {
    let house = House::open(patient()).await;
    let (heard, _) = until_closed(&mut house.say("GET /quick HTTP/1.0\r\n\r\n").await).await;
    assert!(heard.starts_with("HTTP/1.0 200 ") && heard.ends_with("quick"), "{heard}");
}

#[tokio::test]
async fn headers_beyond_the_limit_are_refused() {
    let house = House::open(Limits { header_bytes: 9000, ..patient() }).await;
    let words = format!("GET / HTTP/1.1\r\nX-Long: {}\r\n\r\n", "a".repeat(20_000));
    let (heard, _) = until_closed(&mut house.say(&words).await).await;
    assert!(heard.starts_with("HTTP/1.1 431 "), "{heard}");
}

#[tokio::test]
async fn the_cap_holds_and_a_freed_seat_is_taken_by_who_waited() {
    let house = House::open(Limits { connections: 2, ..patient() }).await;
    let mut seated = Vec::new();
    for _ in 0..2 {
        let mut socket = house.say(&get("quick")).await;
        answer(&mut socket, "quick").await;
        seated.push(socket);
    }
    let mut waiting = house.say(&get("quick")).await;
    assert!(timeout(ms(100), waiting.readable()).await.is_err(), "a third connection was served");
    seated.pop();
    answer(&mut waiting, "quick").await;
}

#[tokio::test]
async fn silent_connections_give_their_seats_back() {
    let house = House::open(Limits { connections: 2, header_timeout: ms(100), ..patient() }).await;
    let _silent = [house.say("").await, house.say("GET /").await];
    answer(&mut house.say(&get("quick")).await, "quick").await;
}

#[tokio::test]
async fn a_stop_finishes_the_running_call_and_takes_no_new_connection() {
    let house = House::open(patient()).await;
    let mut running = house.say(&get("slow")).await;
    house.slow_call_has_begun().await;
    let mut idle = house.say(&get("quick")).await;
    answer(&mut idle, "quick").await;
    house.stop.send(true).unwrap();
    let (heard, took) = until_closed(&mut idle).await;
    assert!(heard.is_empty() && took < ms(2000), "{took:?}: {heard}");
    assert!(TcpStream::connect(house.address).await.is_err(), "a new connection was taken");
    house.turnstile.go.add_permits(1);
    let (heard, _) = until_closed(&mut running).await;
    assert!(heard.contains("connection: close\r\n") && heard.ends_with("slow"), "{heard}");
    drop(running);
    house.closes().await;
}

#[tokio::test]
async fn a_request_that_arrives_with_the_stop_is_still_answered() {
    let house = House::open(patient()).await;
    let mut busy = house.say(&get("quick")).await;
    answer(&mut busy, "quick").await;
    house.stop.send(true).unwrap();
    busy.write_all(get("quick").as_bytes()).await.unwrap();
    let (heard, _) = until_closed(&mut busy).await;
    assert!(heard.contains("connection: close\r\n") && heard.ends_with("quick"), "{heard}");
}

#[tokio::test]
async fn a_stop_cuts_what_is_half_sent_at_its_deadline() {
    let house = House::open(Limits { drain_timeout: ms(200), ..patient() }).await;
    let mut half_head = house.say("GET /quick HT").await;
    let mut half_body = house.say("POST /length HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\nhalf").await;
    answer(&mut house.say(&get("quick")).await, "quick").await;
    let start = Instant::now();
    house.stop.send(true).unwrap();
    house.closes().await;
    assert!(start.elapsed() >= ms(150) && start.elapsed() < ms(2500), "{:?}", start.elapsed());
    assert_eq!(until_closed(&mut half_head).await.0, "");
    assert_eq!(until_closed(&mut half_body).await.0, "");
}

#[tokio::test]
async fn a_full_house_stops_too() {
    let house = House::open(Limits { connections: 1, ..patient() }).await;
    let mut seated = house.say(&get("quick")).await;
    answer(&mut seated, "quick").await;
    let _waiting = house.say(&get("quick")).await;
    house.stop.send(true).unwrap();
    house.closes().await;
}

#[tokio::test]
async fn a_refusal_is_seen_by_who_is_still_sending() {
    let house = House::open(patient()).await;
    let mut socket = house.say("POST /quick HTTP/1.1\r\nHost: x\r\nContent-Length: 3000000\r\n\r\n").await;
    let rest = vec![b'a'; 3_000_000];
    let _ = timeout(NEVER, socket.write_all(&rest)).await.expect("stuck");
    assert!(until_closed(&mut socket).await.0.ends_with("quick"));
}
