//! What a crowd that keeps connections busy does to those who ask: `cargo bench --bench crowd`.
//!
//! 5,000 slow heads, 1,000 half-sent bodies and 10,000 idle connections at one latchkey, while one client asks for
//! `ping` and `user/current` every few milliseconds. The bar (issue 8): both p99 within 2 × what they are without the
//! crowd. Prints a table, with the memory of the server.

#[path = "crowd/guests.rs"]
mod guests;
#[path = "load/line.rs"]
mod line;
#[allow(dead_code, reason = "shared with the load bench, which uses more of it")]
#[path = "load/machine.rs"]
mod machine;
#[allow(dead_code, reason = "shared with the load bench, which uses more of it")]
#[path = "load/server.rs"]
mod server;

use guests::{Crowd, Kind};
use latchkey::store::embedded::PrivateServer;
use line::{Line, get, post};
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use server::Server;
use std::{
    net::SocketAddr,
    process::Command,
    sync::mpsc::channel,
    thread,
    time::{Duration, Instant},
};
use tempfile::TempDir;

const PASSWORD: &str = "a password for the crowd test";
/// Between two questions.
const PAUSE: Duration = Duration::from_millis(4);

/// The word after a flag.
fn flag(name: &str) -> Option<String> {
    std::env::args().skip_while(|word| word != name).nth(1)
}

/// How long each stretch is asked.
fn stretch() -> Duration {
    Duration::from_secs(flag("--seconds").and_then(|text| text.parse().ok()).unwrap_or(20))
}

fn main() {
    let soft = getrlimit(Resource::Nofile);
    let _ = setrlimit(Resource::Nofile, Rlimit { current: soft.maximum, maximum: soft.maximum });
    let quiet = machine::quiet();
    let data = TempDir::new().expect("no folder");
    open_to_all(&data);
    let postgres = PrivateServer::serve(&data.path().join("database")).expect("no PostgreSQL");
    let server = Server::start(latchkey(&data, &postgres.url()));
    let (address, runtime) = (server.address, runtime());
    let cookie = runtime.block_on(sign_in(address));
    ask(address, &cookie, Duration::from_secs(2));

    head(quiet);
    let row = |name: &str, held: String| {
        let [ping, current] = ask(address, &cookie, stretch());
        let resident = machine::resident(server.id());
        println!(
            "| {name} | {held} | {:.2} | {:.2} | {:.2} | {:.2} | {resident:.1} |",
            ping.at(0.5),
            ping.at(0.99),
            current.at(0.5),
            current.at(0.99)
        );
        [ping.at(0.99), current.at(0.99)]
    };
    let alone = row("alone", "0, 0, 0".to_owned());
    let (crowds, _running) = gather(address);
    let held = || crowds.iter().map(|crowd| crowd.held().to_string()).collect::<Vec<_>>().join(", ");
    let with = row("with the crowd", held());
    println!("\nheld at the end: {}", held());
    for (name, at) in [("ping", 0), ("user/current", 1)] {
        let ratio = with[at] / alone[at];
        println!("{name}: p99 with the crowd is {ratio:.2} × what it is alone (bar: 2)");
    }
}

fn head(quiet: f64) {
    let (name, memory) = machine::description();
    let cores = machine::cores();
    println!("{cores} processors ({name}), {memory} MB; idle before the start: {:.0} %", quiet * 100.0);
    println!(
        "\n| | held: slow, half, idle | ping p50 ms | p99 ms | user/current p50 ms | p99 ms | resident MB |"
    );
    println!("| --- | --- | ---: | ---: | ---: | ---: | ---: |");
}

/// Lets the crowd in, on threads of its own, and waits until nine in ten of each kind are there.
fn gather(address: SocketAddr) -> (Vec<Crowd>, thread::JoinHandle<()>) {
    let (tell, told) = channel();
    let running = thread::spawn(move || {
        runtime().block_on(async {
            let wanted = [(Kind::Slow, 5_000), (Kind::Half, 1_000), (Kind::Idle, 10_000)];
            let mut first = 0;
            for (kind, count) in wanted {
                let _ = tell.send(Crowd::gather(kind, count, first, address));
                first += count;
            }
            drop(tell);
            std::future::pending::<()>().await;
        });
    });
    let crowds: Vec<Crowd> = told.iter().collect();
    let begun = Instant::now();
    while crowds.iter().any(|crowd| crowd.held() < crowd.wanted * 9 / 10) {
        assert!(begun.elapsed() < Duration::from_secs(120), "the crowd does not get in");
        thread::sleep(Duration::from_millis(100));
    }
    println!("| (the crowd took {:.1} s to come in) | | | | | | |", begun.elapsed().as_secs_f64());
    (crowds, running)
}

/// How long answers took, in milliseconds, from short to long.
struct Times(Vec<f64>);

impl Times {
    fn at(&self, share: f64) -> f64 {
        let last = self.0.len().saturating_sub(1);
        self.0.get((last as f64 * share).round() as usize).copied().unwrap_or(f64::NAN)
    }
}

/// Asks for `ping` and `user/current` in turn, on one connection each.
fn ask(address: SocketAddr, cookie: &str, time: Duration) -> [Times; 2] {
    let questions = [get("/api/5.0/ping", None), get("/api/5.0/user/current", Some(cookie))];
    runtime().block_on(async {
        let mut lines = [open(address).await, open(address).await];
        let mut times = [Times(Vec::new()), Times(Vec::new())];
        let begun = Instant::now();
        while begun.elapsed() < time {
            for ((line, question), times) in lines.iter_mut().zip(&questions).zip(&mut times) {
                let asked = Instant::now();
                let answer = line.ask(question).await.expect("no answer");
                assert!(answer.starts_with(b"HTTP/1.1 200"), "{}", String::from_utf8_lossy(answer));
                times.0.push(asked.elapsed().as_secs_f64() * 1000.0);
                tokio::time::sleep(PAUSE).await;
            }
        }
        times.iter_mut().for_each(|times| times.0.sort_by(f64::total_cmp));
        times
    })
}

async fn open(address: SocketAddr) -> Line {
    Line::open(address).await.expect("no connection")
}

async fn sign_in(address: SocketAddr) -> String {
    let mut line = open(address).await;
    let login = post("/api/5.0/user/login", &format!(r#"{{"u":"admin","p":"{PASSWORD}"}}"#));
    let answer = String::from_utf8_lossy(line.ask(&login).await.expect("no answer")).into_owned();
    let cookie = answer.lines().find_map(|line| line.split_once(": mojolicious=")?.1.split(';').next());
    format!("mojolicious={}", cookie.unwrap_or_else(|| panic!("no cookie in\n{answer}")))
}

fn latchkey(data: &TempDir, url: &str) -> Command {
    // Another build of it, if one is named.
    let binary = flag("--binary").unwrap_or_else(|| env!("CARGO_BIN_EXE_latchkey").to_owned());
    let mut command = Command::new(binary);
    command.args(["--listen", "127.0.0.1:0"]).env("LATCHKEY_DATABASE__URL", url);
    command.arg("--data").arg(data.path().join("latchkey"));
    command.env("LATCHKEY_LOG__LEVEL", "error").env("LATCHKEY_ADMIN_PASSWORD", PASSWORD);
    // All the crowd fits in; every other limit is the default.
    command.env("LATCHKEY_LIMITS__CONNECTIONS", "18000");
    command
}

fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_current_thread().enable_all().build().expect("no runtime")
}

/// When started by root the database runs as somebody else, who must be able to enter the folder.
fn open_to_all(data: &TempDir) {
    use std::os::unix::fs::PermissionsExt;
    std::fs::set_permissions(data.path(), std::fs::Permissions::from_mode(0o755)).expect("no permissions");
}
