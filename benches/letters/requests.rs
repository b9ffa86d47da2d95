//! What requests feel of a mute relay: `cargo bench --bench letters -- mute [RATE [SECONDS]]`.
//!
//! Two latchkeys, each with a PostgreSQL of its own that writes to the disk. One has a relay that takes
//! every letter, the other one a relay that takes connections and never says a word. They are asked in turns, so many
//! times a second, for letters to people who exist; the time of each answer is counted from when it was due to be
//! asked for.

use std::{
    io::{BufRead as _, BufReader},
    net::{SocketAddr, TcpListener},
    path::Path,
    process::{Child, Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use latchkey::store::{Database, DatabaseSettings, embedded::PrivateServer};
use rustix::process::{Pid, Signal, kill_process};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
    task::JoinSet,
    time::sleep_until,
};

use super::{fill, open_to_all, relay::Relay};

/// Turns of each.
const TURNS: usize = 6;
/// Before each turn.
const REST: Duration = Duration::from_secs(3);
/// Connections that the requests come over.
const LINES: usize = 8;

/// One of the two.
struct House {
    name: &'static str,
    server: Child,
    address: SocketAddr,
    database: Database,
    asked: usize,
    times: Vec<Duration>,
}

impl Drop for House {
    fn drop(&mut self) {
        let _ = kill_process(Pid::from_child(&self.server), Signal::TERM);
        let _ = self.server.wait();
    }
}

/// Measures and prints.
pub(crate) fn measure(rate: usize, seconds: usize) {
    let data = tempfile::TempDir::new().expect("no folder");
    open_to_all(&data);
    let postgres =
        ["one", "two"].map(|name| PrivateServer::serve(&data.path().join(name)).expect("no PostgreSQL"));
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().expect("no runtime");
    let (healthy, mute) = (Relay::start(), mute());
    runtime.block_on(async {
        let people = rate * seconds * (TURNS + 1);
        let mut houses = Vec::new();
        for ((name, relay), postgres) in [("healthy", healthy.address), ("mute", mute)].into_iter().zip(&postgres) {
            houses.push(House::open(name, &postgres.url(), data.path(), relay, people).await);
        }
        println!("{rate} requests a second over {LINES} connections, {seconds} s a turn, {people} accounts");
        for house in &mut houses {
            house.turn(rate, seconds).await;
            house.times.clear();
        }
        for turn in 1..=TURNS {
            // Each is the first as often as the other: what one leaves to its database to do is felt by the next.
            for place in [turn % 2, (turn + 1) % 2] {
                tokio::time::sleep(REST).await;
                let house = &mut houses[place];
                let times = house.turn(rate, seconds).await;
                let name = house.name;
                println!("turn {turn}: {name:8} p50 {:6.2} ms, p99 {:6.2} ms", at(&times, 50), at(&times, 99));
            }
        }
        let [p50, p99] = [50, 99].map(|share| [0, 1].map(|house: usize| at(&sorted(&houses[house].times), share)));
        let answered = houses[0].times.len();
        println!(
            "all {answered} each: healthy p50 {:.2} ms, p99 {:.2} ms; mute p50 {:.2} ms, p99 {:.2} ms; mute to healthy: \
             p50 {:.2}, p99 {:.2}",
            p50[0], p99[0], p50[1], p99[1], p50[1] / p50[0], p99[1] / p99[0]
        );
    });
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

impl House {
    async fn open(name: &'static str, url: &str, data: &Path, relay: SocketAddr, people: usize) -> Self {
        let mut command = Command::new(env!("CARGO_BIN_EXE_latchkey"));
        command
            .args(["--listen", "127.0.0.1:0", "--data"])
            .arg(data.join(name))
            .env("LATCHKEY_DATABASE__URL", url);
        command.env("LATCHKEY_LOG__LEVEL", "error").env("LATCHKEY_THROTTLE__EXEMPT", r#"["127.0.0.0/8"]"#);
        command.env("LATCHKEY_MAIL__TRANSPORT", "smtp").env("LATCHKEY_MAIL__SMTP__SECURITY", "none");
        command.env("LATCHKEY_MAIL__SMTP__HOST", relay.ip().to_string());
        command.env("LATCHKEY_MAIL__SMTP__PORT", relay.port().to_string());
        let mut server = command.stdout(Stdio::piped()).stdin(Stdio::null()).spawn().expect("latchkey");
        let mut lines = BufReader::new(server.stdout.take().expect("its words")).lines();
        let address = lines.find_map(|line| {
            let line = line.ok()?;
            line.strip_prefix("latchkey listens on ")?.split(',').next()?.trim().parse().ok()
        });
        thread::spawn(move || lines.for_each(drop));
        let database = Database::open(url, &DatabaseSettings::default()).expect("no pool");
        fill(&database, people).await;
        let address = address.expect("an address");
        Self { name, server, address, database, asked: 0, times: Vec::new() }
    }

    /// Asks for some seconds, waits until the letters are gone that can go, and returns the times, sorted.
    async fn turn(&mut self, rate: usize, seconds: usize) -> Vec<Duration> {
        let (count, begun) = (rate * seconds, tokio::time::Instant::now());
        let mut work = JoinSet::new();
        for first in 0..LINES {
            let (address, asked) = (self.address, self.asked);
            work.spawn(async move {
                let mut line = TcpStream::connect(address).await.expect("a connection");
                line.set_nodelay(true).expect("no delay");
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

async fn ask(line: &mut TcpStream, person: usize) {
    let body = format!(r#"{{"email":"user{person}@example.test"}}"#);
    let head = format!(
        "POST /api/5.0/user/reset_password HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n\
         Content-Length: {}\r\n\r\n",
        body.len()
    );
    line.write_all((head + &body).as_bytes()).await.expect("asked");
    let (mut answer, mut part) = (Vec::new(), [0; 4096]);
    loop {
        let read = line.read(&mut part).await.expect("an answer");
        assert!(read > 0, "hung up: {}", String::from_utf8_lossy(&answer));
        answer.extend_from_slice(&part[..read]);
        let text = String::from_utf8_lossy(&answer);
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let length = head.to_ascii_lowercase();
            let length = length.split("content-length: ").nth(1).and_then(|rest| rest.lines().next());
            if body.len() >= length.and_then(|length| length.trim().parse().ok()).expect("a length") {
                assert!(head.starts_with("HTTP/1.1 200"), "{text}");
                return;
            }
        }
    }
}
