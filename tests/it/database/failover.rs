//! Two PostgreSQL servers, two latchkeys, work that never pauses, and a primary that is killed.

use std::{
    collections::BTreeSet,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering::Relaxed},
    },
    time::{Duration, Instant},
};

use serde_json::json;
use tokio::{task::JoinSet, time::sleep};

use super::cluster::Server;
use crate::{
    process::program::{ADMIN_PASSWORD, House, Program},
    support::Client,
};

/// From the promotion until every request succeeds again.
const NORMAL: Duration = Duration::from_secs(5);

/// What one request came to.
struct Outcome {
    begun: Instant,
    ended: Instant,
    status: u16,
}

/// Everything that the load asked for.
#[derive(Default)]
struct Ledger {
    /// Names of accounts whose making was acknowledged.
    made: Mutex<Vec<String>>,
    /// By instance.
    outcomes: [Mutex<Vec<Outcome>>; 2],
    over: AtomicBool,
}

impl Ledger {
    fn write(&self, instance: usize, begun: Instant, status: u16) {
        self.outcomes[instance].lock().unwrap().push(Outcome { begun, ended: Instant::now(), status });
    }

    /// How many requests were answered with this status in a stretch of time, by an instance.
    fn count(&self, instance: usize, from: Instant, to: Instant, status: u16) -> usize {
        let outcomes = self.outcomes[instance].lock().unwrap();
        let within = outcomes.iter().filter(|outcome| (from..to).contains(&outcome.ended));
        within.filter(|outcome| outcome.status == status).count()
    }

    /// When the last request began that did not succeed.
    fn last_failure(&self) -> Option<Instant> {
        let last = |outcomes: &Mutex<Vec<Outcome>>| {
            let outcomes = outcomes.lock().unwrap();
            outcomes.iter().filter(|outcome| outcome.status == 503).map(|outcome| outcome.begun).max()
        };
        self.outcomes.iter().filter_map(last).max()
    }
}

/// Makes accounts, one after the other, each of which counts once it is acknowledged.
async fn make_accounts(admin: Client, instance: usize, number: usize, ledger: Arc<Ledger>) {
    for count in 0.. {
        if ledger.over.load(Relaxed) {
            return;
        }
        let name = format!("user-{instance}-{number}-{count}");
        let whole = json!({ "username": name, "email": format!("{name}@example.test"), "fullName": name,
            "role": "read-only", "tenantId": 1, "localPasswd": ADMIN_PASSWORD });
        let begun = Instant::now();
        let answer = admin.post("users", whole).await;
        ledger.write(instance, begun, answer.status);
        match answer.status {
            201 => ledger.made.lock().unwrap().push(name),
            503 => assert!(answer.headers.contains_key("retry-after")),
            other => panic!("{other} for {name}: {}", answer.text()),
        }
    }
}

/// Asks who it is, all the time.
async fn look(admin: Client, instance: usize, ledger: Arc<Ledger>) {
    while !ledger.over.load(Relaxed) {
        let begun = Instant::now();
        let answer = admin.get("user/current").await;
        assert!([200, 503].contains(&answer.status), "{}: {}", answer.status, answer.text());
        ledger.write(instance, begun, answer.status);
        sleep(Duration::from_millis(5)).await;
    }
}

fn instances(houses: &[House; 2]) -> [Program; 2] {
    let begun = houses.each_ref().map(|house| house.begin(&[]));
    begun.map(crate::process::program::Beginning::ready)
}

async fn put_to_work(programs: &[Program; 2], ledger: &Arc<Ledger>) -> JoinSet<()> {
    let mut admin = programs[0].client("admin");
    admin.sign_in(ADMIN_PASSWORD).await;
    let mut work = JoinSet::new();
    for (instance, program) in programs.iter().enumerate() {
        let admin = admin.at(program.address);
        for number in 0..2 {
            work.spawn(make_accounts(admin.clone(), instance, number, ledger.clone()));
        }
        work.spawn(look(admin, instance, ledger.clone()));
    }
    work
}

/// With `synchronous_standby_names` a commit is acknowledged when the standby has it too: only then "acknowledged"
/// outlives the primary (docs/operating/postgresql.md).
fn replicating() -> (Server, Server) {
    let primary = Server::start("");
    primary.ask("CREATE DATABASE latchkey");
    let standby = Server::following(&primary);
    primary.ask("ALTER SYSTEM SET synchronous_standby_names = 'standby'");
    primary.ask("SELECT pg_reload_conf()");
    primary.eventually("replicates synchronously", |primary| {
        primary.ask("SELECT sync_state FROM pg_stat_replication") == "sync"
    });
    (primary, standby)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_primary_is_killed_and_nothing_that_was_acknowledged_is_lost() {
    let (mut primary, standby) = replicating();
    let url =
        format!("postgresql://latchkey@127.0.0.1:{},127.0.0.1:{}/latchkey", primary.port(), standby.port());
    let houses = [House::new(), House::new()].map(|house| {
        house
            .with("LATCHKEY_SESSION__SECRETS", r#"["a secret that both have"]"#)
            .with("LATCHKEY_DATABASE__URL", &url)
            .with("LATCHKEY_DATABASE__STATEMENT_TIMEOUT", 2)
            .with("LATCHKEY_DATABASE__WAIT", 2)
    });
    let programs = instances(&houses);
    let pids = programs.each_ref().map(Program::pid);
    let ledger = Arc::new(Ledger::default());
    let mut work = put_to_work(&programs, &ledger).await;
    let begun = Instant::now();
    sleep(Duration::from_secs(1)).await;

    // Frozen for a while, with every connection to it.
    primary.freeze();
    let frozen = Instant::now();
    sleep(Duration::from_millis(3500)).await;
    primary.thaw();
    let thawed = Instant::now();
    normal_again(&ledger, thawed).await;

    let killed = Instant::now();
    primary.kill();
    sleep(Duration::from_millis(700)).await;
    standby.promote();
    let promoted = Instant::now();
    let after = normal_again(&ledger, promoted).await;
    sleep(Duration::from_secs(1)).await;
    ledger.over.store(true, Relaxed);
    while let Some(ended) = work.join_next().await {
        ended.unwrap();
    }
    let now = Instant::now();

    let stored = standby.ask_in("latchkey", "SELECT string_agg(username, ' ') FROM tm_user");
    let stored: BTreeSet<&str> = stored.split(' ').collect();
    let made = ledger.made.lock().unwrap();
    let lost: Vec<_> = made.iter().filter(|name| !stored.contains(name.as_str())).collect();
    assert!(lost.is_empty(), "acknowledged and lost: {lost:?}");
    for instance in 0..2 {
        let count = |from, to, status| ledger.count(instance, from, to, status);
        let steps =
            [(begun, frozen), (frozen, thawed), (thawed, killed), (killed, promoted), (promoted, now)];
        let told = steps.map(|(from, to)| (count(from, to, 201), count(from, to, 200), count(from, to, 503)));
        println!(
            "instance {instance}: made, looked, 503 — before, frozen, thawed, killed, promoted: {told:?}"
        );
        assert!(told[0].0 > 0, "it worked before");
        assert!(told[1].2 + told[2].2 > 0 && told[3].2 > 0, "503 while there was no primary");
        assert!(told[4].0 > 0 && told[4].1 > 0, "it works again");
    }
    assert!(ledger.last_failure().is_none_or(|last| last < promoted + NORMAL), "and stays so");
    println!(
        "{} accounts acknowledged, {} stored, none lost; the last 503 began {after:?} after the promotion",
        made.len(),
        stored.len() - 1
    );
    assert_eq!(programs.each_ref().map(Program::pid), pids);
    for program in programs {
        let (status, _) = program.stop();
        assert!(status.success(), "it ran all the time and ends in good order");
    }
}

/// Waits until requests succeed everywhere and have for a while; says how long after `since` the last failed.
async fn normal_again(ledger: &Ledger, since: Instant) -> Duration {
    const QUIET: Duration = Duration::from_millis(700);
    loop {
        sleep(Duration::from_millis(20)).await;
        let now = Instant::now();
        let last = ledger.last_failure().map_or(since, |last| last.max(since));
        let works = |instance| {
            ledger.count(instance, last, now, 201) > 0 && ledger.count(instance, last, now, 200) > 0
        };
        if now - last > QUIET && works(0) && works(1) {
            return last - since;
        }
        assert!(now - since < NORMAL + QUIET, "not normal {NORMAL:?} after it could be");
    }
}
