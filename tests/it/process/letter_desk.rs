//! What an operator asks about letters.

use super::program::House;

fn words(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

#[test]
fn a_test_letter_is_ordered_sent_and_shown() {
    let house = House::new();
    let server = house.serve();
    let sent = house.run(&["outbox", "send-test", "operator@example.test"], "");
    assert!(sent.status.success(), "{}", words(&sent.stderr));
    assert!(words(&sent.stdout).contains("It was sent after "), "{}", words(&sent.stdout));
    let table = words(&house.run(&["outbox", "list"], "").stdout);
    let rows: Vec<Vec<&str>> = table.lines().map(|line| line.split_whitespace().collect()).collect();
    assert_eq!(rows[0], ["NUMBER", "STATE", "KIND", "TO", "PROMISED", "TRIES", "LAST", "FAILURE"]);
    assert_eq!(rows[1][1..4], ["sent", "test", "-"], "{table}");
    assert!(table.ends_with("0 waiting; since the beginning 1 sent.\n"), "{table}");
    let line = words(&house.run(&["outbox", "list", "--state", "sent", "--json"], "").stdout);
    let letter: serde_json::Value = serde_json::from_str(&line).unwrap();
    assert_eq!((&letter["kind"], &letter["recipient"]), (&"test".into(), &serde_json::Value::Null));
    let again = house.run(&["outbox", "retry", &letter["number"].to_string()], "");
    assert_eq!((again.status.code(), again.stdout.is_empty()), (Some(1), true));
    assert!(words(&again.stderr).contains("was sent already"));
    drop(server);
}

#[test]
fn a_letter_that_nobody_carries_waits_and_can_be_dropped() {
    let house = House::new();
    let ordered = house.run(&["outbox", "send-test", "operator@example.test", "--wait", "0"], "");
    assert_eq!(ordered.status.code(), Some(1));
    assert!(
        words(&ordered.stderr).contains("no running latchkey has taken it"),
        "{}",
        words(&ordered.stderr)
    );
    let line = words(&house.run(&["outbox", "list", "--state", "waiting", "--json"], "").stdout);
    let letter: serde_json::Value = serde_json::from_str(&line).unwrap();
    let number = letter["number"].to_string();
    let shown = words(&house.run(&["outbox", "show", &number], "").stdout);
    assert!(shown.contains("recipient    operator@example.test\n"), "{shown}");
    assert!(house.run(&["outbox", "drop", &number], "").status.success());
    assert_eq!(house.run(&["outbox", "show", &number], "").status.code(), Some(1));
}

#[test]
fn every_letter_is_written_on_trial_and_kept_to_be_looked_at() {
    let house = House::new();
    let folder = house.inside("previews");
    let checked = house.run(&["mail", "check", "--previews", folder.to_str().unwrap()], "");
    assert!(checked.status.success(), "{}", words(&checked.stderr));
    assert!(words(&checked.stdout).contains("password_reset: latchkey Password Reset Request, "));
    for ending in ["html", "txt", "eml"] {
        assert!(folder.join(format!("timeslot-generated_password.{ending}")).exists(), "{ending}");
    }
    let templates = house.inside("templates");
    std::fs::create_dir_all(&templates).unwrap();
    std::fs::write(templates.join("test.html"), "{{ nobody }}").unwrap();
    let broken = house.with("LATCHKEY_MAIL__TEMPLATES", templates.display());
    let refused = broken.run(&["mail", "check"], "");
    assert_eq!(refused.status.code(), Some(1));
    assert!(words(&refused.stderr).contains("test.html:1"), "{}", words(&refused.stderr));
}
