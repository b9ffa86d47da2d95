//! What a crowd that keeps connections busy does to those who ask: `cargo bench --bench crowd`.
//!
//! 5,000 slow heads, 1,000 half-sent bodies and 10,000 idle connections at one latchkey, while one client asks for
//! `ping` and `user/current` every few milliseconds. The bar: both p99 within 2 × what they are without the
//! crowd. Prints a table, with the memory of the server.

#[path = "crowd/guests.rs"]
mod guests;
#[allow(dead_code, reason = "shared by the benches, none of which uses all of it")]
#[path = "house/mod.rs"]
mod house;

use std::{
    net::SocketAddr,
    process::Command,
    sync::mpsc::channel,
    thread,
    time::{Duration, Instant},
};

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

use guests::{Crowd, Kind};
use house::{
    House, latchkey,
    line::{Line, get},
    machine, runtime,
    server::Server,
    sign_in,
    told::Told,
};

/// Between two questions.
const PAUSE: Duration = Duration::from_millis(4);

const USAGE: &str = "cargo bench --bench crowd -- [--seconds N] [--binary PATH]";

fn main() {
    let Some(told) = Told::by(USAGE) else { return };
    let stretch = Duration::from_secs(told.number("--seconds", 20) as u64);
    let soft = getrlimit(Resource::Nofile);
    let _ = setrlimit(Resource::Nofile, Rlimit { current: soft.maximum, maximum: soft.maximum });
    let quiet = machine::quiet();
    let house = House::build();
    // Another build of it, if one is named.
    let latchkey = told.text("--binary").map_or_else(latchkey, Command::new);
    let mut latchkey = house.furnish(latchkey);
    // All the crowd fits in; every other limit is the default.
    latchkey.env("LATCHKEY_LIMITS__CONNECTIONS", "18000").env("LATCHKEY_LOG__LEVEL", "error");
    let server = Server::start(latchkey);
    let address = server.address;
    let cookie = runtime().block_on(async { sign_in(&mut open(address).await, "admin").await });
    ask(address, &cookie, Duration::from_secs(2));

    head(quiet);
    let row = |name: &str, held: String| {
        let [ping, current] = ask(address, &cookie, stretch);
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
