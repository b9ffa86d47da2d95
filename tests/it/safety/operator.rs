//! What an operator does with secrets: rotates them, checks them, and never sees them where others look.

use std::{
    fs::{self, Permissions},
    os::unix::fs::{PermissionsExt as _, chown, symlink},
};

use rustix::process::geteuid;

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

/// Where root serves, the data folder belongs to the user of the private PostgreSQL, who could put files into it.
#[tokio::test]
async fn keys_in_the_data_folder_that_somebody_else_could_have_put_there_stop_the_start() {
    let house = House::new();
    let (key, aside) = (house.inside("session-secret"), house.inside("aside"));
    assert!(house.serve().stop().0.success());
    fs::rename(&key, &aside).unwrap();
    symlink(&aside, &key).unwrap();
    let refusal = house.refused(&["serve"]);
    assert!(refusal.contains("session-secret is not a plain file of its own"), "{refusal}");

    fs::remove_file(&key).unwrap();
    fs::rename(&aside, &key).unwrap();
    if geteuid().is_root() {
        chown(&key, Some(65_534), None).unwrap();
        let refusal = house.refused(&["serve"]);
        assert!(refusal.contains("session-secret belongs to user number 65534"), "{refusal}");
        chown(&key, Some(0), None).unwrap();
    }
    fs::set_permissions(&key, Permissions::from_mode(0o640)).unwrap();
    let server = house.serve();
    let warned = || server.log().contains("others can read the keys that sign sessions").then_some(());
    eventually("the operator is warned", warned).await;
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn a_server_that_crashes_leaves_no_core_dump() {
    let house = House::new();
    let server = house.serve();
    let limits = fs::read_to_string(format!("/proc/{}/limits", server.pid())).unwrap();
    let core = limits.lines().find(|line| line.starts_with("Max core file size")).unwrap();
    assert_eq!(core.split_whitespace().filter(|word| *word == "0").count(), 2, "{core}");
}
