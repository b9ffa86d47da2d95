//! What an operator asks before the first start: the example, the check, what the shell and `man` want.

use std::{fs, net::TcpListener, os::unix::fs::PermissionsExt as _, path::PathBuf};

use serde_json::Value;

use super::program::{House, refused};
use crate::smtp_sink::SmtpSink;

/// A path in the folder that the programs run in.
fn beside(house: &House, name: &str) -> PathBuf {
    house.inside("x").ancestors().nth(2).unwrap().join(name)
}

#[test]
fn the_example_is_a_configuration_that_can_be_used_as_it_is() {
    let house = House::new();
    fs::write(beside(&house, "latchkey.toml"), house.said(&["config", "example"])).unwrap();
    house.said(&["routes"]);
}

#[test]
fn an_unknown_key_stops_the_start_with_its_line_and_the_one_that_was_meant() {
    let house = House::new();
    fs::write(beside(&house, "latchkey.toml"), "[mail]\ntransprot = \"smtp\"\n").unwrap();
    assert_eq!(
        house.refused(&["serve"]),
        "latchkey: latchkey.toml, line 2: there is no setting mail.transprot; did you mean mail.transport?\n"
    );
    // The example can be had even then.
    house.said(&["config", "example"]);
}

#[test]
fn completions_and_the_manual_come_from_the_command_line_itself() {
    let house = House::new();
    for (shell, word) in
        [("bash", "_latchkey"), ("zsh", "#compdef latchkey"), ("fish", "complete -c latchkey")]
    {
        let script = house.said(&["completions", shell]);
        assert!(script.contains(word), "{shell}: {script}");
        assert!(script.contains("send-test"), "{shell} knows commands of commands");
    }
    let page = house.said(&["man"]);
    for word in [".TH latchkey 1", "SUBCOMMANDS", "Say what of the configuration works"] {
        assert!(page.contains(word), "{word} in {page}");
    }
    let folder = beside(&house, "man");
    house.said(&["man", "--into", folder.to_str().unwrap()]);
    for page in ["latchkey.1", "latchkey-outbox-send-test.1", "latchkey-check.1"] {
        assert!(folder.join(page).exists(), "{page}");
    }
}

#[test]
fn a_reader_that_has_seen_enough_is_no_failure() {
    let house = House::new();
    house.said(&["migrate"]);
    for command in [
        &["routes"][..],
        &["config", "example"],
        &["completions", "bash"],
        &["man"],
        &["user", "list"],
        &["export", "csv"],
        &["check"],
    ] {
        let (reader, writer) = std::io::pipe().unwrap();
        drop(reader);
        let done = house.run_into(command, writer);
        let said = String::from_utf8(done.stderr).unwrap();
        assert!(done.status.success() && said.is_empty(), "{command:?}: {said}");
    }
}

#[test]
fn a_mistyped_level_of_the_log_stops_the_start() {
    let house = House::new().with("LATCHKEY_LOG__LEVEL", "inof");
    let refusal = house.refused(&["serve"]);
    assert!(refusal.starts_with("latchkey: log.level: inof is no level"), "{refusal}");
    assert!(!house.inside("").exists());
}

/// The lines of `check --json`, by their subjects.
fn findings(report: &str) -> Vec<(String, String, String)> {
    let report: Value = serde_json::from_str(report).unwrap_or_else(|_| panic!("{report}"));
    let text = |finding: &Value, key: &str| finding[key].as_str().unwrap_or_default().to_owned();
    let findings = report["findings"].as_array().unwrap().iter();
    findings.map(|one| (text(one, "subject"), text(one, "verdict"), text(one, "found"))).collect()
}

fn verdict<'a>(findings: &'a [(String, String, String)], subject: &str) -> (&'a str, &'a str) {
    let found = findings
        .iter()
        .find(|(one, ..)| one == subject)
        .unwrap_or_else(|| panic!("{subject}: {findings:#?}"));
    (&found.1, &found.2)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_world_that_fits_passes_line_by_line() {
    let sink = SmtpSink::start().await;
    let house = House::new().writing_to(&sink);
    house.said(&["check", "--json"]);
    assert!(
        !house.inside("session-secret").exists() && !house.inside("postgres").exists(),
        "nothing was made"
    );

    let server = house.serve();
    let found = findings(&house.said(&["check", "--json"]));
    for subject in [
        "configuration",
        "data folder",
        "session secrets",
        "database",
        "database writes",
        "database schema",
        "clock",
    ] {
        assert_eq!(verdict(&found, subject).0, "ok", "{found:#?}");
    }
    assert_eq!(verdict(&found, "mail relay").0, "ok", "{found:#?}");
    assert!(verdict(&found, "database").1.contains("PostgreSQL 1"));
    assert!(sink.received().is_empty(), "no letter was sent");
    let said = house.said(&["check"]);
    assert!(said.contains("ok       database: reached; PostgreSQL"), "{said}");
    drop(server);
}

#[test]
fn a_world_that_does_not_fit_fails_says_what_to_do_and_repeats_no_secret() {
    const SECRETS: [&str; 3] = ["secretofthedatabase", "secretoftherelay", "secretofthesessions"];
    // A port that is taken by nobody who would answer.
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port();
    drop(taken);
    let house = House::new()
        .with("LATCHKEY_DATABASE__URL", format!("postgresql://me:{}@127.0.0.1:{port}/latchkey", SECRETS[0]))
        .with("LATCHKEY_MAIL__TRANSPORT", "smtp")
        .with("LATCHKEY_MAIL__SMTP__HOST", "127.0.0.1")
        .with("LATCHKEY_MAIL__SMTP__PORT", port)
        .with("LATCHKEY_MAIL__SMTP__SECURITY", "none")
        .with("LATCHKEY_MAIL__SMTP__USERNAME", "latchkey")
        .with("LATCHKEY_MAIL__SMTP__PASSWORD", SECRETS[1])
        .with("LATCHKEY_SESSION__SECRETS", format!("[\"{}\"]", SECRETS[2]))
        .with("LATCHKEY_PUBLIC_URL", "http://login.example.com")
        .with("LATCHKEY_OBSERVE__LISTEN", "0.0.0.0:9090");
    let checked = house.run(&["check"], "");
    let text = String::from_utf8(checked.stdout.clone()).unwrap();
    assert_eq!(refused(checked), "latchkey: 2 things do not work\n");
    for line in [
        "FAILURE  database: ",
        "FAILURE  mail relay: 127.0.0.1:",
        ": connecting failed: Connection refused",
        "warning  public_url: links in letters and cookies go without TLS",
        "warning  observe.listen: ",
        "ok       session secrets: 1 can be used",
        "         -> is it running",
    ] {
        assert!(text.contains(line), "{line} in\n{text}");
    }
    let json = house.run(&["check", "--json"], "");
    let [json, why] = [json.stdout, json.stderr].map(|said| String::from_utf8(said).unwrap());
    let found = findings(&json);
    assert_eq!((verdict(&found, "database").0, verdict(&found, "mail relay").0), ("failure", "failure"));
    for secret in SECRETS {
        assert!([&text, &json, &why].iter().all(|said| !said.contains(secret)), "{secret}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn letters_that_nobody_could_answer_or_follow_are_told_and_so_are_secrets_that_everybody_can_read() {
    let sink = SmtpSink::start().await;
    let house = House::new().writing_to(&sink);
    let secrets = beside(&house, "secrets");
    fs::write(&secrets, "a key for tests and nothing else\n").unwrap();
    fs::set_permissions(&secrets, fs::Permissions::from_mode(0o644)).unwrap();
    let house = house.with("LATCHKEY_SESSION__SECRETS_FILE", secrets.display());
    let found = findings(&house.said(&["check", "--json"]));
    for (subject, words) in [
        ("mail.from", "letters are from latchkey@localhost"),
        ("public_url", "the links in letters lead to http://127.0.0.1:8080"),
        ("session.secrets_file", "everybody on this machine may read "),
    ] {
        let (verdict, text) = verdict(&found, subject);
        assert!(verdict == "warning" && text.contains(words), "{subject}: {found:#?}");
    }
    assert!(verdict(&found, "data folder").1.starts_with('/'), "{found:#?}");
}
