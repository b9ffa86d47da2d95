//! One server that restarts, freezes, fills up or is cut off: 503 meanwhile, and then as if nothing had been.

use std::{fs, path::PathBuf, process::Command, time::Duration};

use latchkey::{config::Config, store::migrate};
use serde_json::json;
use tokio::time::{Instant, sleep};

use super::{cluster::Server, proxy::Proxy};
use crate::{
    contract::wire::Answer,
    support::{Client, PASSWORD, TestApp, account},
};

/// What nothing here may take until all is well again.
const SOON: Duration = Duration::from_secs(5);

/// Gives up soon, so that the tests are short, and counts no letters.
fn impatient(config: &mut Config) {
    config.throttle.enabled = false;
    (config.database.wait, config.database.statement_timeout, config.database.connections) = (1, 1, 4);
}

async fn house(server: &Server, url: &str) -> TestApp {
    server.ask("CREATE DATABASE latchkey");
    migrate::run(&server.url("latchkey")).await.unwrap();
    TestApp::on(url.to_owned(), impatient).await
}

/// Away: never "who are you", never "something is broken".
#[track_caller]
fn is_away(answer: &Answer) {
    assert_eq!(answer.status, 503, "{}", answer.text());
    let wait = answer.headers["retry-after"].to_str().unwrap().parse::<u32>().unwrap();
    assert!((1..=30).contains(&wait) && !answer.text().is_empty(), "in the envelope: {}", answer.text());
}

async fn asks_for_a_letter(client: &Client) -> Answer {
    client.post("user/reset_password", json!({ "email": client.email() })).await
}

/// Looks, writes and signs in; each works or none.
async fn all_is_well(client: &Client) {
    assert_eq!(client.get("user/current").await.status, 200);
    assert_eq!(asks_for_a_letter(client).await.status, 200);
    let body = json!({ "u": client.username(), "p": PASSWORD });
    assert_eq!(client.without_cookies().post("user/login", body).await.status, 200);
}

/// All is well again before long, without anybody doing anything about it.
async fn soon_all_is_well(client: &Client) {
    let begun = Instant::now();
    while client.get("user/current").await.status == 503 {
        assert!(begun.elapsed() < SOON, "still away");
        sleep(Duration::from_millis(20)).await;
    }
    all_is_well(client).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_restarts_or_freezes_is_away_for_that_long_and_not_longer() {
    let mut server = Server::start("");
    let app = house(&server, &server.url("latchkey")).await;
    let alice = app.signed_in(account("alice")).await;
    all_is_well(&alice).await;

    // Restarted between two requests: who asks next does not notice.
    server.stop();
    server.run();
    all_is_well(&alice).await;

    // Down.
    server.stop();
    is_away(&alice.get("user/current").await);
    is_away(&asks_for_a_letter(&alice).await);
    is_away(&alice.without_cookies().post("user/login", json!({ "u": "alice", "p": PASSWORD })).await);
    server.run();
    soon_all_is_well(&alice).await;

    // Killed, all of it.
    server.kill();
    is_away(&alice.get("user/current").await);
    server.run();
    soon_all_is_well(&alice).await;

    // Frozen: the connections are there and nobody answers.
    server.freeze();
    let (current, letter) = tokio::join!(alice.get("user/current"), asks_for_a_letter(&alice));
    is_away(&current);
    is_away(&letter);
    server.thaw();
    soon_all_is_well(&alice).await;

    // Read only, as a demoted primary or one whose disk is nearly full: looking works, writing is for later.
    server.ask("ALTER SYSTEM SET default_transaction_read_only = on");
    server.ask("SELECT pg_reload_conf()");
    server.eventually("takes no writes", |server| server.ask("SHOW transaction_read_only") == "on");
    assert_eq!(alice.get("user/current").await.status, 200);
    is_away(&asks_for_a_letter(&alice).await);
    is_away(&alice.without_cookies().post("user/login", json!({ "u": "alice", "p": PASSWORD })).await);
    is_away(&alice.put("user/current", alice.get("user/current").await.json()["response"].clone()).await);
    server.ask("ALTER SYSTEM RESET default_transaction_read_only");
    server.ask("SELECT pg_reload_conf()");
    server.eventually("takes writes", |server| server.ask("SHOW transaction_read_only") == "off");
    all_is_well(&alice).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn connections_that_a_proxy_resets_are_replaced() {
    let server = Server::start("");
    let proxy = Proxy::before(server.port()).await;
    let url = format!("postgresql://latchkey@{}/latchkey", proxy.address);
    let app = house(&server, &url).await;
    let alice = app.signed_in(account("alice")).await;

    // Between two requests, again and again.
    for _ in 0..5 {
        proxy.cut();
        all_is_well(&alice).await;
    }

    // In the middle: somebody holds the account, the change waits for it, and the connection is reset.
    let (holder, driver) =
        tokio_postgres::connect(&server.url("latchkey"), tokio_postgres::NoTls).await.unwrap();
    let driver = tokio::spawn(driver);
    holder.batch_execute("BEGIN; SELECT FROM tm_user WHERE username = 'alice' FOR UPDATE").await.unwrap();
    let mut own = alice.get("user/current").await.json()["response"].clone();
    own["company"] = "Changed".into();
    let changing = {
        let (alice, own) = (alice.clone(), own.clone());
        tokio::spawn(async move { alice.put("user/current", own).await })
    };
    server.eventually("has somebody waiting", |server| {
        server.ask("SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'") != "0"
    });
    proxy.cut();
    is_away(&changing.await.unwrap());
    holder.batch_execute("ROLLBACK").await.unwrap();
    drop(holder);
    driver.await.unwrap().unwrap();
    let company = "SELECT count(*) FROM tm_user WHERE company = 'Changed'";
    assert_eq!(server.ask_in("latchkey", company), "0", "what was not acknowledged was not done");
    assert_eq!(alice.put("user/current", own).await.status, 200);

    // And while nobody is let in.
    proxy.refuse(true);
    proxy.cut();
    let before = proxy.taken();
    is_away(&alice.get("user/current").await);
    assert!(proxy.taken() > before, "it was tried");
    proxy.refuse(false);
    all_is_well(&alice).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_finds_no_free_connection_is_told_to_come_again() {
    let app = TestApp::with(|config| {
        impatient(config);
        config.database.connections = 1;
    })
    .await;
    let alice = app.signed_in(account("alice")).await;
    let held = app.database.client().await.unwrap();
    is_away(&alice.get("user/current").await);
    assert_eq!(app.database.load().waiting, 0, "nobody waits any more");
    drop(held);
    all_is_well(&alice).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_statement_that_waits_too_long_is_given_up_and_its_connection_with_it() {
    let app = TestApp::with(impatient).await;
    let alice = app.signed_in(account("alice")).await;
    let mut holder = app.database.client().await.unwrap();
    let hold = holder.transaction().await.unwrap();
    hold.batch_execute("SELECT FROM tm_user WHERE username = 'alice' FOR UPDATE").await.unwrap();
    let own = alice.get("user/current").await.json()["response"].clone();
    is_away(&alice.put("user/current", own.clone()).await);
    hold.rollback().await.unwrap();
    assert_eq!(alice.put("user/current", own).await.status, 200);
}

/// A small disk, unmounted with the value.
struct Disk(PathBuf);

impl Disk {
    /// `None` where nobody may mount anything.
    fn at(folder: PathBuf) -> Option<Self> {
        let mounted = Command::new("mount")
            .args(["-t", "tmpfs", "-o", "size=2m", "none"])
            .arg(&folder)
            .output()
            .is_ok_and(|output| output.status.success());
        mounted.then_some(Self(folder))
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        // Lazily: the server may still have files of it open.
        let _ = Command::new("umount").arg("-l").arg(&self.0).status();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn on_a_full_disk_people_are_recognised_and_writing_is_for_later() {
    let server = Server::start("");
    let Some(disk) = Disk::at(server.folder("small")) else {
        println!("not shown here: a disk that is full (only root may mount one)");
        return;
    };
    let own = server.folder("small");
    let app = house(&server, &server.url("latchkey")).await;
    let alice = app.signed_in(account("alice")).await;
    server.ask(&format!("CREATE TABLESPACE small LOCATION '{}'", own.display()));
    server.ask_in("latchkey", "ALTER TABLE latchkey.outbox SET TABLESPACE small");
    all_is_well(&alice).await;

    let filler = disk.0.join("filler");
    // As much as fits.
    let _ = fs::write(&filler, vec![1_u8; 4 << 20]);
    let mut last = asks_for_a_letter(&alice).await;
    for _ in 0..400 {
        if last.status != 200 {
            break;
        }
        last = asks_for_a_letter(&alice).await;
    }
    is_away(&last);
    assert_eq!(alice.get("user/current").await.status, 200);
    fs::remove_file(filler).unwrap();
    all_is_well(&alice).await;
}
