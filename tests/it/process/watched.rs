//! The program as those see it who watch it: its second listener, its log, and what it says of itself before a stop.

use std::{net::SocketAddr, time::Duration};

use rustix::process::Signal;
use serde_json::{Value, json};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
};

use super::program::{ADMIN_PASSWORD, House, NEVER, Program};
use crate::database::cluster::signal;

/// Where those are served who watch.
fn watchers(server: &Program) -> SocketAddr {
    let place =
        server.said.iter().find_map(|line| line.strip_prefix("Metrics at http://")?.strip_suffix("/metrics"));
    place.expect("a line about metrics").parse().unwrap()
}

/// The status and the body of what is there.
async fn look(at: SocketAddr, path: &str) -> (u16, String) {
    let mut stream = TcpStream::connect(at).await.unwrap();
    let request = format!("GET {path} HTTP/1.1\r\nHost: watched.test\r\nConnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    (head[9..12].parse().unwrap(), body.to_owned())
}

/// Looks until it is so, the next second's answer being another.
async fn becomes(at: SocketAddr, wanted: (u16, &str)) {
    let begun = std::time::Instant::now();
    loop {
        let (status, body) = look(at, "/readyz").await;
        if (status, body.trim_end()) == wanted {
            return;
        }
        assert!(begun.elapsed() < NEVER, "{status} {body}");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

#[tokio::test]
async fn metrics_health_and_readiness_have_a_listener_of_their_own() {
    let house = House::new().with("LATCHKEY_OBSERVE__LISTEN", "127.0.0.1:0");
    let server = house.serve();
    let at = watchers(&server);
    server.client("admin").sign_in(ADMIN_PASSWORD).await;
    assert_eq!(look(at, "/healthz").await, (200, "alive\n".to_owned()));
    assert_eq!(look(at, "/readyz").await, (200, "ready\n".to_owned()));
    let (status, metrics) = look(at, "/metrics").await;
    assert_eq!(status, 200);
    let login = "latchkey_requests_total{dialect=\"traffic_ops\",version=\"5.0\",operation=\"login\",status=\"200\"} 1";
    assert!(metrics.contains(login), "{metrics}");
    assert!(metrics.contains("latchkey_connections_opened_total 1\n"), "{metrics}");
    assert_eq!(look(at, "/api/5.0/ping").await.0, 404, "clients are not served there");
    let metrics = server.client("").send("GET", "/metrics", None).await;
    assert_eq!(metrics.status, 404, "and no figures here");
}

/// A frozen database keeps its connections and says nothing on them: the worst kind of away.
#[tokio::test]
async fn a_frozen_database_turns_readiness_red_and_it_comes_back_by_itself() {
    let house = House::new().with("LATCHKEY_OBSERVE__LISTEN", "127.0.0.1:0");
    let server = house.serve();
    let at = watchers(&server);
    let postgres = house.postmaster();
    becomes(at, (200, "ready")).await;
    signal(postgres, Signal::STOP);
    let red = tokio::time::timeout(NEVER, becomes(at, (503, "not ready: the database is away"))).await;
    assert_eq!(look(at, "/healthz").await.0, 200, "nobody has to restart it");
    signal(postgres, Signal::CONT);
    red.unwrap();
    becomes(at, (200, "ready")).await;
}

#[tokio::test]
async fn before_it_stops_it_asks_for_no_more_requests_and_finishes_those_it_has() {
    let house = House::new().with("LATCHKEY_OBSERVE__LISTEN", "127.0.0.1:0");
    let server = house.serve();
    let at = watchers(&server);
    let mut half = TcpStream::connect(server.address).await.unwrap();
    let body = json!({ "u": "admin", "p": ADMIN_PASSWORD }).to_string();
    let head = format!(
        "POST /api/5.0/user/login HTTP/1.1\r\nHost: l.test\r\nContent-Length: {}\r\n\r\n",
        body.len()
    );
    half.write_all(head.as_bytes()).await.unwrap();
    becomes(at, (200, "ready")).await;
    let stopping = std::thread::spawn(move || server.stop());
    becomes(at, (503, "not ready: stopping")).await;
    half.write_all(body.as_bytes()).await.unwrap();
    let mut answer = [0; 12];
    half.read_exact(&mut answer).await.unwrap();
    assert_eq!(&answer, b"HTTP/1.1 200");
    drop(half);
    assert!(stopping.join().unwrap().0.success());
}

const TRACE: &str = "4bf92f3577b34da6a3ce929d0e0e4736";

#[tokio::test]
async fn the_log_has_one_line_a_request_with_its_name_and_nothing_secret() {
    let house = House::new().with("LATCHKEY_LOG__FORMAT", "json");
    let server = house.serve();
    let named = server
        .client("")
        .with("X-Request-Id", "deploy-7")
        .with("traceparent", &format!("00-{TRACE}-00f067aa0ba902b7-01"));
    named.get("user/current?secretinaquery=1").await;
    named.send("GET", "/password-reset/secretinapath", None).await;
    named.send("GET", "/no/such/secretinapath", None).await;
    let (status, lines) = stopped(server);
    assert!(status);
    let ours: Vec<&Value> = lines.iter().filter(|line| line["target"] == "latchkey::access").collect();
    assert_eq!(ours.len(), 3, "{lines:#?}");
    for (line, (path, status)) in
        ours.iter().zip([("/api/5.0/user/current", 401), ("/password-reset/{token}", 400), ("-", 404)])
    {
        assert_eq!((line["path"].as_str(), line["method"].as_str()), (Some(path), Some("GET")), "{line}");
        assert_eq!(
            (line["request_id"].as_str(), line["trace_id"].as_str()),
            (Some("deploy-7"), Some(TRACE)),
            "{line}"
        );
        assert_eq!(line["status"], status, "{line}");
        assert!(line["ms"].is_number() && line["bytes"].is_number(), "{line}");
    }
    assert_eq!(ours[0]["version"], "5.0");
    let all = format!("{lines:?}");
    for word in ["secretinaquery", "secretinapath"] {
        assert!(!all.contains(word), "{word} is in the log");
    }
}

#[tokio::test]
async fn a_cause_is_logged_once_and_with_the_name_of_its_request() {
    for format in ["json", "text"] {
        let house = House::new().with("LATCHKEY_LOG__FORMAT", format);
        let server = house.serve();
        house
            .database()
            .await
            .batch_execute("ALTER TABLE latchkey.outbox RENAME TO elsewhere")
            .await
            .unwrap();
        let asked = json!({ "email": "admin@example.test" });
        let guest = server.client("").with("X-Request-Id", "asked-in-vain");
        let answer = guest.post("user/reset_password", asked).await;
        assert_eq!(answer.status, 500, "{}", answer.text());
        assert_eq!(answer.headers["x-request-id"], "asked-in-vain");
        house
            .database()
            .await
            .batch_execute("ALTER TABLE latchkey.elsewhere RENAME TO outbox")
            .await
            .unwrap();
        let log = server.log();
        let causes: Vec<&str> = log
            .lines()
            .filter(|line| line.contains("asked-in-vain") && line.contains("store operation"))
            .collect();
        assert_eq!(causes.len(), 1, "{log}");
        let named =
            if format == "json" { "\"request_id\":\"asked-in-vain\"" } else { "request_id=asked-in-vain" };
        assert!(causes[0].contains(named), "{}", causes[0]);
    }
}

/// Stops the server; whether it went well, and its log, line by line.
fn stopped(server: Program) -> (bool, Vec<Value>) {
    let log = server.log();
    let status = server.stop().0.success();
    let lines = log.lines().map(|line| serde_json::from_str(line).unwrap_or_else(|_| panic!("{line}")));
    (status, lines.collect())
}
