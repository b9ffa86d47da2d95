//! What an operator does with secrets: rotates them, checks them, and never sees them where others look.

use std::{fs, time::Duration};

use serde_json::json;

use crate::process::program::{ADMIN_PASSWORD, House, Program, eventually};

/// Tells a server to read its keys again, and waits until it has.
async fn reread(server: &Program) {
    let before = server.log().matches("session secrets").count();
    server.hang_up();
    eventually("the keys are read again", || {
        (server.log().matches("session secrets").count() > before).then_some(())
    })
    .await;
}

#[tokio::test]
async fn keys_are_rotated_without_signing_anyone_out_and_old_ones_can_be_dropped() {
    let house = House::new();
    let server = house.serve();
    let mut early = server.client("admin");
    early.sign_in(ADMIN_PASSWORD).await;
    let rotated = house.said(&["secret", "rotate"]);
    assert!(rotated.contains("holds 2 keys now"), "{rotated}");
    let keys = fs::read_to_string(house.inside("session-secret")).unwrap();
    assert!(keys.lines().all(|key| !rotated.contains(key)), "the keys are not shown");
    assert_eq!(early.get("user/current").await.status, 200, "what runs goes on with the old key");

    reread(&server).await;
    assert_eq!(early.get("user/current").await.status, 200, "nobody is signed out");
    let renewed = early.get("user/current").await;
    let mut late = early.clone();
    late.keep(&renewed);
    assert!(late.cookie("mojolicious") != early.cookie("mojolicious"));

    house.said(&["secret", "rotate", "--drop-old"]);
    reread(&server).await;
    assert_eq!(late.get("user/current").await.status, 200, "the answer before was signed with the new key");
    early.get("user/current").await.refuses(401, "bad signature - unauthorized, please log in");
}

#[tokio::test]
async fn a_file_of_keys_that_can_t_be_used_leaves_the_former_ones_in_force() {
    let house = House::new();
    let server = house.serve();
    let mut admin = server.client("admin");
    admin.sign_in(ADMIN_PASSWORD).await;
    fs::write(house.inside("session-secret"), "short\n").unwrap();
    reread(&server).await;
    assert_eq!(admin.get("user/current").await.status, 200);
}

#[test]
fn check_shows_no_secret() {
    let secret = "hush this is the secret of a test";
    let house = House::new()
        .with(
            "LATCHKEY_DATABASE__URL",
            format!("postgresql://latchkey:{}@127.0.0.1:1/latchkey", secret.replace(' ', "%20")),
        )
        .with("LATCHKEY_MAIL__TRANSPORT", "smtp")
        .with("LATCHKEY_MAIL__SMTP__USERNAME", "mailer")
        .with("LATCHKEY_MAIL__SMTP__PASSWORD", secret)
        .with("LATCHKEY_DIALECTS__TIMESLOT__FIXED_PASSWORD", secret)
        .with("LATCHKEY_SESSION__SECRETS", format!("[\"{secret}\"]"));
    for command in [&["check"][..], &["migrate"], &["serve"], &["secret", "rotate"], &["routes"]] {
        let done = house.run(command, "");
        for said in [done.stdout, done.stderr].map(|said| String::from_utf8(said).unwrap()) {
            assert!(!said.contains("hush"), "{command:?}: {said}");
            assert!(!said.contains(ADMIN_PASSWORD), "{command:?}: {said}");
        }
    }
}

/// Whoever is on the machine reads the arguments of all programs.
#[test]
fn no_secret_is_taken_as_an_argument() {
    let house = House::new();
    for command in [
        &["user", "add", "bob", "--password", "eleven quiet lanterns"][..],
        &["user", "set-password", "bob", "--password", "eleven quiet lanterns"],
        &["client", "add", "website", "--secret", "eleven quiet lanterns"],
    ] {
        let done = house.run(command, "");
        assert_eq!(done.status.code(), Some(2), "{command:?}");
    }
    let url = "postgresql://latchkey:eleven@127.0.0.1:1/latchkey";
    let refusal = house.refused(&["--database-url", url, "check"]);
    assert!(refusal.contains("LATCHKEY_DATABASE__URL"), "{refusal}");
    assert!(!refusal.contains("eleven"), "{refusal}");
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn a_server_that_crashes_leaves_no_core_dump() {
    let house = House::new();
    let server = house.serve();
    let limits = fs::read_to_string(format!("/proc/{}/limits", server.pid())).unwrap();
    let core = limits.lines().find(|line| line.starts_with("Max core file size")).unwrap();
    assert_eq!(core.split_whitespace().filter(|word| *word == "0").count(), 2, "{core}");
    assert_eq!(server.client("").get("ping").await.json(), json!({ "ping": "pong" }));
    let (status, took) = server.stop();
    assert!(status.success() && took < Duration::from_secs(20));
}
