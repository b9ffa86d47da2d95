//! Two instances, many letters, and a SIGKILL for both again and again.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::{Duration, Instant},
};

use latchkey::{
    ports::{Entropy as _, OsEntropy},
    store::Database,
};

use super::program::{Beginning, House, Program};
use crate::{
    smtp_sink::{Behaviour, Received, SmtpSink},
    support::{database_url, people, settings},
};

/// How often both are killed.
const KILLS: usize = 10;
/// What the relay waits before each answer, so that no instance is done before it is killed.
const ANSWER_AFTER: Duration = Duration::from_millis(4);
const SECRET: &str = r#"["a secret that both have"]"#;
/// About how many letters a second both carry then.
const PACE: f64 = 250.0;

/// 500, or as many as `LATCHKEY_LETTERS` says: the long run, `LATCHKEY_LETTERS=5000 cargo test --test it kills`.
fn letters() -> i64 {
    std::env::var("LATCHKEY_LETTERS").ok().and_then(|text| text.parse().ok()).unwrap_or(500)
}

/// A share of one, by chance.
fn chance() -> f64 {
    let mut bytes = [0_u8; 4];
    OsEntropy.fill(&mut bytes);
    f64::from(u32::from_le_bytes(bytes)) / f64::from(u32::MAX)
}

/// A SIGKILL for both, and what the outbox knew when they were dead.
struct Kill {
    /// When each got it, by the name it had told the relay.
    victims: BTreeMap<String, Instant>,
    /// Letters that were not marked as sent.
    unmarked: BTreeSet<i64>,
}

#[tokio::test(flavor = "multi_thread")]
async fn two_instances_killed_ten_times_lose_no_letter_and_double_only_what_was_on_its_way() {
    let (count, sink, url) = (letters(), SmtpSink::start().await, database_url().await);
    sink.behave(Behaviour::Slow(ANSWER_AFTER));
    let database = Database::open(&url, &settings()).unwrap();
    promise(&database, count).await;
    let mut kills = Vec::new();
    for run in 0..KILLS {
        let both = Both::start(&sink, &url, run);
        let stretch = count as f64 / PACE / KILLS as f64;
        tokio::time::sleep(Duration::from_secs_f64(0.3 + 1.6 * stretch * chance())).await;
        let mut victims = BTreeMap::new();
        for (name, instance) in both.names.into_iter().zip(both.instances) {
            victims.insert(name, Instant::now());
            instance.shoot();
        }
        kills.push(Kill { victims, unmarked: unmarked(&database).await });
    }
    let before_the_end = sink.received().len();
    let last = Both::start(&sink, &url, KILLS);
    wait_for_the_last_letter(&database).await;
    sink.behave(Behaviour::Accept);

    let received = sink.received();
    println!("{before_the_end} letters had arrived at the last of {} kills", kills.len() * 2);
    let by_account = by_account(&received);
    assert_eq!(by_account.len(), usize::try_from(count).unwrap(), "every account got its letter");
    judge_doubles(&by_account, &kills);
    everybody_can_reset(&last.instances[0], &by_account).await;
}

/// Two instances on one database. In each run they have other names, which they tell the relay.
struct Both {
    names: [String; 2],
    instances: Vec<Program>,
    _houses: [House; 2],
}

impl Both {
    fn start(sink: &SmtpSink, url: &str, run: usize) -> Self {
        let names = ["one", "two"].map(|instance| format!("{instance}-of-run-{run}.example.test"));
        let house = |name: &String| {
            let house = House::new().writing_to(sink).with("LATCHKEY_MAIL__SMTP__HELLO_NAME", name);
            let house = house.with("LATCHKEY_MAIL__LEASE", 1).with("LATCHKEY_LOG__LEVEL", "warn");
            house.with("LATCHKEY_SESSION__SECRETS", SECRET).with("LATCHKEY_DATABASE__URL", url)
        };
        let houses = names.each_ref().map(house);
        let begun = houses.each_ref().map(|house| house.begin(&[]));
        let instances = begun.map(Beginning::ready).into();
        Self { names, instances, _houses: houses }
    }
}

async fn unmarked(database: &Database) -> BTreeSet<i64> {
    let client = database.client().await.unwrap();
    let rows = client.query("SELECT id FROM latchkey.outbox WHERE sent_at IS NULL", &[]).await.unwrap();
    rows.iter().map(|row| row.get(0)).collect()
}

async fn promise(database: &Database, count: i64) {
    const LETTERS: &str = "INSERT INTO latchkey.outbox (kind, dialect, recipient, promised_at, expires_at, due_at) \
         SELECT 'password_reset', 'traffic_ops', 'user' || n || '@example.test', at, at + interval '1 hour', at \
         FROM generate_series(1, $1::bigint) n, clock_timestamp() AS now, \
           LATERAL (SELECT now - make_interval(secs => n / 1e6) AS at) each";
    let client = database.client().await.unwrap();
    people(&client, count).await;
    client.execute(LETTERS, &[&count]).await.unwrap();
}

async fn wait_for_the_last_letter(database: &Database) {
    const WAITING: &str = "SELECT count(*) FROM latchkey.outbox WHERE sent_at IS NULL";
    let client = database.client().await.unwrap();
    let begun = Instant::now();
    while client.query_one(WAITING, &[]).await.unwrap().get::<_, i64>(0) > 0 {
        assert!(begun.elapsed() < Duration::from_secs(300), "letters wait for ever");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

fn by_account(received: &[Received]) -> BTreeMap<&str, Vec<&Received>> {
    let mut by_account: BTreeMap<&str, Vec<&Received>> = BTreeMap::new();
    for letter in received {
        by_account.entry(&letter.to[0]).or_default().push(letter);
    }
    by_account
}

/// The number of a letter, by its Message-ID.
fn number(letter: &Received) -> i64 {
    let (_, id) = letter.message.split_once("Message-ID: <").expect("a Message-ID");
    id.split('.').next().unwrap().parse().unwrap()
}

/// A letter may come again for one reason: whoever had brought it was killed before it was marked. Whoever brought it
/// is known by name, and the outbox was looked at when they were dead.
fn judge_doubles(by_account: &BTreeMap<&str, Vec<&Received>>, kills: &[Kill]) {
    let (mut doubles, mut before, mut after) = (0, 0, 0);
    for (to, copies) in by_account {
        for pair in copies.windows(2) {
            let (earlier, later, letter) = (pair[0], pair[1], number(pair[0]));
            assert_eq!(number(later), letter, "{to} got two copies of one letter");
            assert_ne!(earlier.hello, later.hello, "letter {letter}: nobody brings a letter twice");
            let kill = kills.iter().find(|kill| kill.victims.contains_key(&earlier.hello));
            let kill = kill.unwrap_or_else(|| panic!("letter {letter}: {} was never killed", earlier.hello));
            assert!(kill.unmarked.contains(&letter), "letter {letter} came again though it was marked");
            doubles += 1;
            let shot = kill.victims[&earlier.hello];
            let distance = shot.saturating_duration_since(earlier.at).as_millis();
            let what = match earlier.at < shot {
                true => {
                    before += 1;
                    format!(
                        "taken by the relay {distance} ms before {} was killed, not yet marked",
                        earlier.hello
                    )
                }
                // The relay read on what the dead had said.
                false => {
                    after += 1;
                    format!("wholly said, but not answered, when {} was killed", earlier.hello)
                }
            };
            println!("letter {letter}: {what}; {} brought it again", later.hello);
        }
    }
    println!(
        "{} letters, {} kills: none lost, {doubles} doubled: {before} had been taken and not yet marked, {after} were \
         on the wire when their instance was killed",
        by_account.len(),
        kills.len() * 2,
    );
}

/// With the key of any of the copies: a new password is set with one of them, by chance.
async fn everybody_can_reset(server: &Program, by_account: &BTreeMap<&str, Vec<&Received>>) {
    let client = server.client("").with("Content-Type", "application/x-www-form-urlencoded");
    for copies in by_account.values() {
        let any = copies[((copies.len() as f64 * chance()) as usize).min(copies.len() - 1)];
        let path = any.reset_path();
        let (_, key) = path.split_once("token=").unwrap();
        let form =
            format!("token={key}&password=chosen+after+the+kills&password_again=chosen+after+the+kills");
        let done = client.send("POST", "/reset-password", Some(form)).await;
        assert_eq!(done.status, 303, "{:?} sets a new password", any.to);
    }
    println!("{} accounts have set a new password", by_account.len());
}
