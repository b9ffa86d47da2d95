//! What requests feel of a mute relay: `cargo bench --bench letters -- mute [RATE [SECONDS]]`.
//!
//! Two latchkeys, each with a PostgreSQL of its own that writes to the disk. One has a relay that takes
//! every letter, the other one a relay that takes connections and never says a word. They are asked in turns, so many
//! times a second, for letters to people who exist; the time of each answer is counted from when it was due to be
//! asked for.

use std::{
    net::{SocketAddr, TcpListener},
    thread,
    time::{Duration, Instant},
};

use latchkey::store::{Database, DatabaseSettings};
use tokio::{task::JoinSet, time::sleep_until};

use super::{
    fill,
    house::{
        House, latchkey,
        line::{Line, post},
        relay::Relay,
        server::Server,
    },
};

/// Turns of each.
const TURNS: usize = 6;
/// Before each turn.
const REST: Duration = Duration::from_secs(3);
/// Connections that the requests come over.
const LINES: usize = 8;

/// One of the two. The server goes down before the house that it lives in.
struct Rival {
    name: &'static str,
    server: Server,
    _house: House,
    database: Database,
    asked: usize,
    times: Vec<Duration>,
}

/// Measures and prints.
pub(crate) async fn measure(rate: usize, seconds: usize) {
    let (healthy, mute) = (Relay::start(), mute());
    let people = rate * seconds * (TURNS + 1);
    let mut rivals =
        [Rival::of("healthy", healthy.address, people).await, Rival::of("mute", mute, people).await];
    println!("{rate} requests a second over {LINES} connections, {seconds} s a turn, {people} accounts");
    for rival in &mut rivals {
        rival.turn(rate, seconds).await;
        rival.times.clear();
    }
    for turn in 1..=TURNS {
        // Each is the first as often as the other: what one leaves to its database to do is felt by the next.
        for place in [turn % 2, (turn + 1) % 2] {
            tokio::time::sleep(REST).await;
            let rival = &mut rivals[place];
            let times = rival.turn(rate, seconds).await;
            let name = rival.name;
            println!("turn {turn}: {name:8} p50 {:6.2} ms, p99 {:6.2} ms", at(&times, 50), at(&times, 99));
        }
    }
    let [p50, p99] =
        [50, 99].map(|share| [0, 1].map(|rival: usize| at(&sorted(&rivals[rival].times), share)));
    let answered = rivals[0].times.len();
    println!(
        "all {answered} each: healthy p50 {:.2} ms, p99 {:.2} ms; mute p50 {:.2} ms, p99 {:.2} ms; mute to healthy: \
         p50 {:.2}, p99 {:.2}",
        p50[0],
        p99[0],
        p50[1],
        p99[1],
        p50[1] / p50[0],
        p99[1] / p99[0]
    );
}

/// A relay that takes connections and says nothing.
fn mute() -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = listener.local_addr().expect("an address");
    thread::spawn(move || listener.incoming().flatten().collect::<Vec<_>>());
    address
}

fn sorted(times: &[Duration]) -> Vec<Duration> {
    let mut times = times.to_vec();
    times.sort();
    times
}

/// The time that this many in a hundred don't exceed, in milliseconds.
fn at(times: &[Duration], share: usize) -> f64 {
    times[(times.len() * share / 100).min(times.len() - 1)].as_secs_f64() * 1000.0
}

impl Rival {
    async fn of(name: &'static str, relay: SocketAddr, people: usize) -> Self {
        let house = House::build();
        let mut latchkey = house.furnish(latchkey());
        latchkey.env("LATCHKEY_LOG__LEVEL", "error").env("LATCHKEY_THROTTLE__EXEMPT", r#"["127.0.0.0/8"]"#);
        latchkey.env("LATCHKEY_MAIL__TRANSPORT", "smtp").env("LATCHKEY_MAIL__SMTP__SECURITY", "none");
        latchkey.env("LATCHKEY_MAIL__SMTP__HOST", relay.ip().to_string());
        latchkey.env("LATCHKEY_MAIL__SMTP__PORT", relay.port().to_string());
        let server = Server::start(latchkey);
        let database = Database::open(&house.url(), &DatabaseSettings::default()).expect("no pool");
        fill(&database, people).await;
        Self { name, server, _house: house, database, asked: 0, times: Vec::new() }
    }

    /// Asks for some seconds, waits until the letters are gone that can go, and returns the times, sorted.
    async fn turn(&mut self, rate: usize, seconds: usize) -> Vec<Duration> {
        let (count, begun) = (rate * seconds, tokio::time::Instant::now());
        let mut work = JoinSet::new();
        for first in 0..LINES {
            let (address, asked) = (self.server.address, self.asked);
            work.spawn(async move {
                let mut line = Line::open(address).await.expect("a connection");
                let mut times = Vec::new();
                for number in (first..count).step_by(LINES) {
                    let due = begun + Duration::from_secs_f64(number as f64 / rate as f64);
                    sleep_until(due).await;
                    ask(&mut line, asked + number + 1).await;
                    times.push(due.elapsed());
                }
                times
            });
        }
        let times = work.join_all().await.concat();
        self.asked += count;
        self.times.extend(&times);
        if self.name == "healthy" {
            self.wait_for_the_letters().await;
        }
        sorted(&times)
    }

    async fn wait_for_the_letters(&self) {
        const WAITING: &str = "SELECT count(*) FROM latchkey.outbox WHERE sent_at IS NULL";
        let (client, begun) = (self.database.client().await.expect("a connection"), Instant::now());
        while client.query_one(WAITING, &[]).await.expect("a count").get::<_, i64>(0) > 0 {
            assert!(begun.elapsed() < Duration::from_secs(60), "letters wait though the relay takes them");
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }
}

async fn ask(line: &mut Line, person: usize) {
    let question =
        post("/api/5.0/user/reset_password", &format!(r#"{{"email":"user{person}@example.test"}}"#));
    let answer = line.ask(&question).await.expect("an answer");
    assert!(answer.starts_with(b"HTTP/1.1 200"), "{}", String::from_utf8_lossy(answer));
}
