//! What an operator does to a running latchkey.

use std::time::Duration;

use latchkey::store::Database;
use serde_json::json;
use tokio::{io::AsyncReadExt as _, io::AsyncWriteExt as _, net::TcpStream};

use super::program::{ADMIN_PASSWORD, House, has_ended, said};
use crate::support::{empty_database_url, settings};

#[tokio::test]
async fn commands_join_a_running_server() {
    let house = House::new();
    let server = house.serve();
    let postmaster = house.postmaster();
    said(house.run(&["user", "add", "alice", "--password-stdin"], "what alice chose\n"));
    let table = house.said(&["user", "list"]);
    let names: Vec<_> = table.lines().filter_map(|line| line.split_whitespace().next()).collect();
    assert_eq!(names, ["USER", "admin", "alice"], "{table}");

    let mut alice = server.client("alice");
    alice.sign_in("what alice chose").await;
    house.said(&["user", "disable", "alice"]);
    assert_eq!(alice.get("user/current").await.status, 401, "the command ended the session");
    assert_eq!(house.postmaster(), postmaster, "they used the PostgreSQL that was there and left it there");
}

#[test]
fn commands_start_postgresql_themselves_when_no_server_runs() {
    let house = House::new();
    house.said(&["migrate"]);
    house.has("alice");
    let line: serde_json::Value = serde_json::from_str(&house.said(&["user", "list", "--json"])).unwrap();
    assert_eq!(line["username"], "alice");
    assert!(!house.inside("postgres/data/postmaster.pid").exists(), "and took it with them");
}

#[tokio::test]
async fn a_second_serve_on_the_same_folder_is_refused_with_the_reason() {
    let house = House::new();
    let server = house.serve();
    let second = house.run(&["serve", "--listen", "127.0.0.1:0"], "");
    assert_eq!(second.status.code(), Some(1));
    let reason = String::from_utf8(second.stderr).unwrap();
    let words = format!("is in use by another latchkey (pid {})", server.pid());
    assert!(reason.starts_with("latchkey: ") && reason.contains(&words), "{reason}");
    assert_eq!(second.stdout, b"");
    assert_eq!(server.client("").get("ping").await.json(), json!({ "ping": "pong" }), "the first goes on");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_start_says_where_everything_is_how_one_comes_in_and_what_was_done_to_the_schema() {
    let url = empty_database_url().await;
    let house = House::new().with("LATCHKEY_DATABASE__URL", &url);
    let server = house.serve();
    let here = format!("http://{}", server.address);
    for line in [
        "First administrator: admin (admin@example.test) with the password you gave".to_owned(),
        format!(
            "Letters are not sent but kept in {}",
            house.inside("mail").canonicalize().unwrap().display()
        ),
        format!("Sign in at {here}/sign-in, programs with POST {here}/api/5.0/user/login"),
    ] {
        assert!(server.said.contains(&line), "{line}: {:#?}", server.said);
    }
    server.stop();

    let again = house.serve();
    let news = |line: &&String| line.starts_with("First") || line.contains("schema");
    assert_eq!(again.said.iter().find(news), None, "nothing is new");
    again.stop();

    // The accounts stay, as in a Traffic Ops that is adopted.
    let database = Database::open(&url, &settings()).unwrap();
    database.client().await.unwrap().batch_execute("DROP SCHEMA latchkey CASCADE").await.unwrap();
    let brought = house.serve();
    let told = brought.said.iter().find(news).unwrap();
    assert!(told.starts_with("The schema of the database was brought forward: V1__accounts, V2__"), "{told}");
}

#[test]
fn a_password_that_was_drawn_is_shown_once_and_one_that_was_promised_must_come() {
    let house = House::new();
    house.said(&["migrate"]);
    let said = house.said(&["user", "add", "alice"]);
    let (line, rest) = said.split_once('\n').unwrap();
    let password = line.strip_prefix("alice signs in with the password ").unwrap();
    assert_eq!((password.len(), rest), (20, "It is not shown again.\n"));
    let refusal = house.refused(&["user", "set-password", "alice", "--password-stdin"]);
    assert!(refusal.contains("nothing came on standard input"), "{refusal}");
}

#[tokio::test]
async fn sigterm_ends_latchkey_and_its_postgresql_within_seconds() {
    let house = House::new();
    let server = house.serve();
    server.client("admin").sign_in(ADMIN_PASSWORD).await;
    let mut idle = TcpStream::connect(server.address).await.unwrap();
    idle.write_all(b"GET /api/5.0/ping HTTP/1.1\r\nHost: latchkey.test\r\n\r\n").await.unwrap();
    let mut answer = [0; 12];
    idle.read_exact(&mut answer).await.unwrap();
    assert_eq!(&answer, b"HTTP/1.1 200");

    let postmaster = house.postmaster();
    let (status, took) = server.stop();
    assert_eq!(status.code(), Some(0));
    assert!(took < Duration::from_secs(15), "{took:?}");
    assert!(has_ended(postmaster), "PostgreSQL ended before latchkey did");
    assert!(!house.inside("postgres/data/postmaster.pid").exists(), "in good order");
    println!("latchkey and its PostgreSQL ended {} ms after SIGTERM", took.as_millis());
}
