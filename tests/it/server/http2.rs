//! HTTP/2: many calls on one connection, within limits that no peer can talk its way round.

use bytes::Bytes;
use h2::{
    Reason,
    client::{Connection, ResponseFuture, SendRequest, handshake},
};
use http::Request;
use latchkey::server::Limits;
use tokio::{net::TcpStream, task::JoinHandle, time::timeout};
use tokio_rustls::{client::TlsStream, rustls::version::TLS13};

use super::{
    house::{House, NEVER, ms, patient},
    tls::{Files, Identity, connect, secure_house, trusting},
};

type Wire = TlsStream<TcpStream>;

/// A connection with the task that drives it; that one ends with what the server said last.
struct Peer {
    send: SendRequest<Bytes>,
    over: JoinHandle<Result<(), h2::Error>>,
}

async fn house(limits: Limits) -> (House, Identity) {
    let identity = Identity::new();
    (secure_house(Files::of(&identity).load(), limits).await, identity)
}

async fn talk(house: &House, identity: &Identity) -> (SendRequest<Bytes>, Connection<Wire, Bytes>) {
    let stream = connect(&trusting(&[identity], &[&TLS13], &["h2"]), house.address).await.unwrap();
    handshake(stream).await.unwrap()
}

impl Peer {
    async fn of(house: &House, identity: &Identity) -> Self {
        let (send, connection) = talk(house, identity).await;
        Self { send, over: tokio::spawn(connection) }
    }

    async fn ask(&mut self, path: &str) -> ResponseFuture {
        let request = Request::get(format!("https://localhost/{path}")).body(()).unwrap();
        let mut ready = timeout(NEVER, self.send.clone().ready()).await.expect("no stream").unwrap();
        ready.send_request(request, true).unwrap().0
    }
}

/// Status, headers as text, and body.
async fn whole(response: ResponseFuture) -> (u16, String, String) {
    let response = timeout(NEVER, response).await.expect("no answer").unwrap();
    let (head, mut body) = response.into_parts();
    let mut heard = Vec::new();
    while let Some(part) = timeout(NEVER, body.data()).await.expect("no body") {
        let part = part.unwrap();
        body.flow_control().release_capacity(part.len()).unwrap();
        heard.extend(part);
    }
    (head.status.as_u16(), format!("{:?}", head.headers), String::from_utf8(heard).unwrap())
}

#[tokio::test]
async fn calls_overtake_each_other_and_failures_have_answers_of_their_own() {
    let (house, identity) = house(Limits { call_timeout: ms(300), calls: 100, ..patient() }).await;
    let mut peer = Peer::of(&house, &identity).await;
    let slow = peer.ask("slow").await;
    house.slow_call_has_begun().await;
    let (status, _, body) = whole(peer.ask("who").await).await;
    assert_eq!((status, body.as_str()), (200, "127.0.0.1 securely"));
    let (status, headers, body) = whole(peer.ask("broken").await).await;
    assert_eq!((status, body.as_str(), headers.contains("connection")), (500, "refused /broken", false));
    let (status, headers, body) = whole(slow).await;
    assert_eq!((status, body.as_str(), headers.contains("connection")), (503, "refused /slow", false));
    assert_eq!(whole(peer.ask("long").await).await.2.len(), 5_000_000);
}

#[tokio::test]
async fn a_connection_has_as_many_streams_as_the_limit_says() {
    let (house, identity) = house(Limits { streams: 3, ..patient() }).await;
    let mut peer = Peer::of(&house, &identity).await;
    whole(peer.ask("quick").await).await;
    assert_eq!(peer.send.current_max_send_streams(), 3);
}

#[tokio::test]
async fn headers_beyond_the_limit_are_refused_and_the_connection_lives_on() {
    let (house, identity) = house(Limits { header_bytes: 9000, ..patient() }).await;
    let mut peer = Peer::of(&house, &identity).await;
    let request = Request::get("https://localhost/").header("x-long", "a".repeat(12_000)).body(()).unwrap();
    let refused = peer.send.clone().ready().await.unwrap().send_request(request, true).unwrap().0;
    assert_eq!(timeout(NEVER, refused).await.unwrap().unwrap().status(), 431);
    assert_eq!(whole(peer.ask("quick").await).await.2, "quick");
}

#[tokio::test]
async fn a_peer_that_only_answers_and_sends_pings_goes() {
    let (house, identity) = house(Limits { idle_timeout: ms(300), connections: 1, ..patient() }).await;
    let (send, mut connection) = talk(&house, &identity).await;
    let mut pings = connection.ping_pong().unwrap();
    let mut peer = Peer { send, over: tokio::spawn(connection) };
    whole(peer.ask("quick").await).await;
    let pinging = tokio::spawn(async move { while pings.ping(h2::Ping::opaque()).await.is_ok() {} });
    timeout(NEVER, pinging).await.expect("pings buy time").unwrap();
    drop(peer);
    let mut next = Peer::of(&house, &identity).await;
    assert_eq!(whole(next.ask("quick").await).await.0, 200, "the seat is free");
}

/// CVE-2023-44487: streams that are opened and taken back at once.
#[tokio::test]
async fn a_rapid_reset_ends_the_connection_and_nobody_else_notices() {
    let (house, identity) = house(patient()).await;
    let mut neighbour = Peer::of(&house, &identity).await;
    let (mut send, mut connection) = talk(&house, &identity).await;
    let mut fault = None;
    for _ in 0..100 {
        // Nothing goes out before the connection is driven: each batch arrives at once.
        for _ in 0..60 {
            let request = Request::get("https://localhost/slow").body(()).unwrap();
            let Ok((_, mut stream)) = send.send_request(request, true) else { break };
            stream.send_reset(Reason::CANCEL);
        }
        if let Ok(ended) = timeout(ms(20), &mut connection).await {
            fault = ended.err();
            break;
        }
    }
    let fault = fault.expect("the server put up with it");
    assert_eq!(fault.reason(), Some(Reason::ENHANCE_YOUR_CALM), "{fault}");
    assert_eq!(whole(neighbour.ask("quick").await).await.2, "quick");
}

#[tokio::test]
async fn a_stop_finishes_what_runs_and_says_goodbye() {
    let (house, identity) = house(patient()).await;
    let (mut busy, idle) = (Peer::of(&house, &identity).await, Peer::of(&house, &identity).await);
    let slow = busy.ask("slow").await;
    house.slow_call_has_begun().await;
    house.stop.send(true).unwrap();
    assert!(timeout(NEVER, idle.over).await.expect("an idle connection stays").unwrap().is_ok());
    house.turnstile.go.add_permits(1);
    assert_eq!(whole(slow).await.2, "slow");
    assert!(timeout(NEVER, busy.over).await.expect("it stays").unwrap().is_ok());
    house.closes().await;
}

#[tokio::test]
async fn a_stop_does_not_wait_for_ever_for_a_peer_that_does_not_listen() {
    let (house, identity) = house(patient()).await;
    let (mut send, mut connection) = talk(&house, &identity).await;
    let request = Request::get("https://localhost/quick").body(()).unwrap();
    let (response, _) = send.send_request(request, true).unwrap();
    tokio::select! {
        response = response => assert_eq!(response.unwrap().status(), 200),
        ended = &mut connection => panic!("{ended:?}"),
    }
    // From here on nobody reads what the server says.
    house.stop.send(true).unwrap();
    house.closes().await;
}
