//! How fast letters leave: `cargo bench --bench letters [-- COUNT [TURNS]]`; with `mute` what requests feel meanwhile.
//!
//! A PostgreSQL that writes to the disk, a relay on this machine that takes everything, and the courier with an
//! outbox full of reset letters; beside it lettre alone, which hands finished messages over as many connections,
//! and lettre as it comes out of the box. They take turns, three times unless told otherwise: the rate of the last turn must not be that
//! of a table that has grown.

#[allow(dead_code, reason = "shared by the benches, none of which uses all of it")]
#[path = "house/mod.rs"]
mod house;
#[path = "letters/requests.rs"]
mod requests;
#[path = "letters/rivals.rs"]
mod rivals;

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use latchkey::{
    mail::{Courier, Instance, Pace, Relays, Renderer, Security, Smtp, SmtpSettings, Transport},
    ports::{Bell, OsEntropy, SystemClock},
    store::{Database, DatabaseSettings, migrate},
};

use house::{House, relay::Relay};

/// Turns of each, unless another number is given.
const TURNS: usize = 3;
/// lettre out of the box needs 44 ms a letter; it gets fewer.
const FEW: usize = 100;

fn main() {
    let mut words: Vec<String> = std::env::args().skip(1).collect();
    // `cargo test --all-targets` starts it too, and wants no measurements.
    let Some(asked) = words.iter().position(|word| word == "--bench") else { return };
    words.remove(asked);
    let mute = words.first().is_some_and(|first| first == "mute");
    let numbers: Result<Vec<usize>, _> =
        words.iter().skip(usize::from(mute)).map(|word| word.parse()).collect();
    let (first, second) = match numbers.as_deref() {
        Ok([]) => (None, None),
        Ok([first]) => (Some(*first), None),
        Ok([first, second]) => (Some(*first), Some(*second)),
        _ => {
            eprintln!("usage: cargo bench --bench letters -- [COUNT [TURNS]], or -- mute [RATE [SECONDS]]");
            std::process::exit(2)
        }
    };
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().expect("no runtime");
    match mute {
        true => runtime.block_on(requests::measure(first.unwrap_or(200), second.unwrap_or(10))),
        false => {
            let house = House::build();
            runtime.block_on(measure(&house.url(), first.unwrap_or(5_000), second.unwrap_or(TURNS)));
        }
    }
}

async fn measure(url: &str, count: usize, turns: usize) {
    migrate::run(url).await.expect("no schema");
    let database = Database::open(url, &DatabaseSettings::default()).expect("no pool");
    fill(&database, count).await;
    let relay = Relay::start();
    let (mut ours, mut alone, mut boxed) = (Vec::new(), Vec::new(), Vec::new());
    println!("{count} letters a turn, {} connections, one relay on this machine", Pace::default().lanes);
    for turn in 1..=turns {
        ours.push(courier(&database, &relay, count).await);
        alone.push(rivals::lettre_alone(&relay, count, Pace::default().lanes).await);
        boxed.push(rivals::lettre_out_of_the_box(&relay, FEW).await);
        let [ours, alone, boxed] = [&ours, &alone, &boxed].map(|rates| rates[turn - 1]);
        println!(
            "turn {turn}: latchkey {ours:.0}/s, lettre alone {alone:.0}/s, lettre out of the box {boxed:.0}/s"
        );
    }
    let slowest = ours.iter().copied().fold(f64::INFINITY, f64::min);
    let [ours, alone] = [ours, alone].map(middle);
    println!(
        "median: {ours:.0} letters/s, {:.2} of lettre alone, the slowest turn {slowest:.0}/s; none lost, none doubled",
        ours / alone
    );
}

fn middle(mut rates: Vec<f64>) -> f64 {
    rates.sort_by(f64::total_cmp);
    rates[rates.len() / 2]
}

async fn courier(database: &Database, relay: &Relay, count: usize) -> f64 {
    promise(database, count).await;
    let settings = SmtpSettings {
        host: relay.address.ip().to_string(),
        port: Some(relay.address.port()),
        security: Security::None,
        ..SmtpSettings::default()
    };
    let way = Transport::Smtp(Relays::from(Smtp::new(&settings).expect("a relay")));
    let renderer = Renderer::new(Instance {
        name: "latchkey".to_owned(),
        from: "latchkey@example.test".to_owned(),
        support: None,
        public_url: "https://login.example.test".to_owned(),
        reset_link: "https://login.example.test/reset/{key}".to_owned(),
        registration_link: "https://login.example.test/register/{key}".to_owned(),
    });
    let (clock, bell) = (Arc::new(SystemClock::default()), Bell::default());
    let courier =
        Courier::new(database.clone(), clock, Arc::new(OsEntropy), renderer.expect("letters"), way, bell);
    let begun = Instant::now();
    let delivered = courier.deliver_due().await.expect("the outbox");
    let took = begun.elapsed();
    assert_eq!(delivered, count, "letters that were sent");
    relay.got_each_once(count);
    rate(count, took)
}

fn rate(count: usize, took: Duration) -> f64 {
    count as f64 / took.as_secs_f64()
}

async fn fill(database: &Database, count: usize) {
    const PEOPLE: &str = "INSERT INTO public.tm_user (username, email, full_name, tenant_id, role) \
         SELECT 'user' || n, 'user' || n || '@example.test', 'User ' || n, t.id, r.id \
         FROM generate_series(1, $1::bigint) n, public.tenant t, public.role r \
         WHERE t.name = 'root' AND r.name = 'read-only'";
    let client = database.client().await.expect("a connection");
    client.execute(PEOPLE, &[&(count as i64)]).await.expect("accounts");
    client.batch_execute("VACUUM ANALYZE").await.expect("statistics");
}

async fn promise(database: &Database, count: usize) {
    const LETTERS: &str = "INSERT INTO latchkey.outbox \
         (kind, dialect, recipient, origin, promised_at, expires_at, due_at) \
         SELECT 'password_reset', 'traffic_ops', 'user' || n || '@example.test', '192.0.2.7', at, \
           at + interval '1 hour', at FROM generate_series(1, $1::bigint) n, clock_timestamp() AS now, \
           LATERAL (SELECT now - make_interval(secs => n / 1e6) AS at) each";
    let client = database.client().await.expect("a connection");
    client.execute(LETTERS, &[&(count as i64)]).await.expect("letters");
}
