//! Two instances, many letters, and a SIGKILL for both again and again.

use std::{
    collections::BTreeMap,
    time::{Duration, Instant},
};

use latchkey::{
    ports::{Entropy as _, OsEntropy},
    store::{Database, DatabaseSettings},
};

use super::program::{Beginning, House, Program};
use crate::{
    smtp_sink::{Behaviour, Received, SmtpSink},
    support::database_url,
};

/// How often both are killed.
const KILLS: u32 = 10;
/// What the relay waits before each answer, so that no instance is done before it is killed.
const ANSWER_AFTER: Duration = Duration::from_millis(4);
/// About how many letters a second both carry then.
const PACE: f64 = 250.0;
/// A letter is marked as sent at once; one that was accepted longer than this before a kill must not come again.
const AT_ONCE: Duration = Duration::from_secs(2);

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

#[tokio::test(flavor = "multi_thread")]
async fn two_instances_killed_ten_times_lose_no_letter_and_double_only_what_was_on_its_way() {
    let (count, sink, url) = (letters(), SmtpSink::start().await, database_url().await);
    sink.behave(Behaviour::Slow(ANSWER_AFTER));
    let database = Database::open(&url, &DatabaseSettings::default()).unwrap();
    promise(&database, count).await;
    let houses = [House::new(), House::new()].map(|house| writing_to(&sink, house));
    let both = || -> Vec<Program> {
        let begun = houses.each_ref().map(|house| house.begin(&["--database-url", &url]));
        begun.map(Beginning::ready).into()
    };
    let mut kills = Vec::new();
    for _ in 0..KILLS {
        let running = both();
        let stretch = count as f64 / PACE / f64::from(KILLS);
        tokio::time::sleep(Duration::from_secs_f64(0.3 + 1.6 * stretch * chance())).await;
        for instance in running {
            kills.push(Instant::now());
            instance.shoot();
        }
    }
    let before_the_end = sink.received().len();
    let last = both();
    wait_for_the_last_letter(&database).await;
    sink.behave(Behaviour::Accept);

    let received = sink.received();
    println!("{before_the_end} letters had arrived at the last of {} kills", kills.len());
    let by_account = by_account(&received);
    assert_eq!(by_account.len(), usize::try_from(count).unwrap(), "every account got its letter");
    judge_doubles(&by_account, &kills);
    everybody_can_reset(&last[0], &by_account).await;
}

fn writing_to(sink: &SmtpSink, house: House) -> House {
    house
        .with("LATCHKEY_SESSION__SECRETS", r#"["a secret that both have"]"#)
        .with("LATCHKEY_LOG__LEVEL", "warn")
        .with("LATCHKEY_MAIL__TRANSPORT", "smtp")
        .with("LATCHKEY_MAIL__LEASE", 1)
        .with("LATCHKEY_MAIL__SMTP__HOST", sink.address.ip())
        .with("LATCHKEY_MAIL__SMTP__PORT", sink.address.port())
        .with("LATCHKEY_MAIL__SMTP__SECURITY", "none")
}

async fn promise(database: &Database, count: i64) {
    const PEOPLE: &str = "INSERT INTO public.tm_user (username, email, tenant_id, role) \
         SELECT 'user' || n, 'user' || n || '@example.test', t.id, r.id \
         FROM generate_series(1, $1::bigint) n, public.tenant t, public.role r \
         WHERE t.name = 'root' AND r.name = 'read-only'";
    const LETTERS: &str = "INSERT INTO latchkey.outbox (kind, dialect, recipient, promised_at, expires_at, due_at) \
         SELECT 'password_reset', 'traffic_ops', 'user' || n || '@example.test', t.now, t.now + interval '1 hour', t.now \
         FROM generate_series(1, $1::bigint) n, (SELECT clock_timestamp() AS now) t";
    let client = database.client().await.unwrap();
    client.execute(PEOPLE, &[&count]).await.unwrap();
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

/// A letter may come twice for one reason: its instance was killed between the relay's yes and the mark.
fn judge_doubles(by_account: &BTreeMap<&str, Vec<&Received>>, kills: &[Instant]) {
    let (mut doubles, mut longest) = (0, Duration::ZERO);
    for (to, copies) in by_account {
        for earlier in &copies[..copies.len() - 1] {
            let before_a_kill = |kill: &Instant| match kill.checked_duration_since(earlier.at) {
                Some(before) => before,
                // The relay read on what the dead had said.
                None => earlier.at.duration_since(*kill),
            };
            let nearest = kills.iter().map(before_a_kill).min().unwrap();
            assert!(nearest < AT_ONCE, "{to} got two letters, and the nearest kill was {nearest:?} away");
            doubles += 1;
            longest = longest.max(nearest);
        }
    }
    println!(
        "{} letters, {} kills: none lost, {doubles} doubled; each had been accepted and not yet marked when its \
         instance was killed (at most {} ms from a kill)",
        by_account.len(),
        kills.len(),
        longest.as_millis()
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
