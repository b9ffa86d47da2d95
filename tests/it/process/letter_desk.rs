//! What an operator asks about letters.

use serde_json::Value;

use super::program::House;

/// The one letter in this state.
fn only_letter(house: &House, state: &str) -> Value {
    serde_json::from_str(&house.said(&["outbox", "list", "--state", state, "--json"])).unwrap()
}

#[test]
fn a_test_letter_is_ordered_sent_and_shown() {
    let house = House::new();
    let server = house.serve();
    let sent = house.said(&["outbox", "send-test", "operator@example.test"]);
    assert!(sent.contains("It was sent after "), "{sent}");
    let table = house.said(&["outbox", "list"]);
    let rows: Vec<Vec<&str>> = table.lines().map(|line| line.split_whitespace().collect()).collect();
    assert_eq!(rows[0], ["NUMBER", "STATE", "KIND", "TO", "PROMISED", "TRIES", "LAST", "FAILURE"]);
    assert_eq!(rows[1][1..4], ["sent", "test", "-"], "{table}");
    assert!(table.ends_with("0 waiting; since the beginning 1 sent.\n"), "{table}");
    let letter = only_letter(&house, "sent");
    assert_eq!((&letter["kind"], &letter["recipient"]), (&"test".into(), &Value::Null));
    let again = house.refused(&["outbox", "retry", &letter["number"].to_string()]);
    assert!(again.contains("was sent already"), "{again}");
    drop(server);
}

#[test]
fn a_letter_that_nobody_carries_waits_and_can_be_dropped() {
    let house = House::new();
    house.said(&["migrate"]);
    let ordered = house.refused(&["outbox", "send-test", "operator@example.test", "--wait", "0"]);
    for words in ["it was not tried within 0 s", "no latchkey runs on this database", "the relay is away"] {
        assert!(ordered.contains(words), "{words}: {ordered}");
    }
    let number = only_letter(&house, "waiting")["number"].to_string();
    let shown = house.said(&["outbox", "show", &number]);
    assert!(shown.contains("recipient    operator@example.test\n"), "{shown}");
    house.said(&["outbox", "drop", &number]);
    house.refused(&["outbox", "show", &number]);
}

#[test]
fn every_letter_is_written_on_trial_and_kept_to_be_looked_at() {
    let house = House::new();
    let folder = house.inside("previews");
    let checked = house.said(&["mail", "check", "--previews", folder.to_str().unwrap()]);
    assert!(checked.contains("password_reset: latchkey Password Reset Request, "), "{checked}");
    for ending in ["html", "txt", "eml"] {
        assert!(folder.join(format!("timeslot-generated_password.{ending}")).exists(), "{ending}");
    }
    let templates = house.inside("templates");
    std::fs::create_dir_all(&templates).unwrap();
    std::fs::write(templates.join("test.html"), "{{ nobody }}").unwrap();
    let broken = house.with("LATCHKEY_MAIL__TEMPLATES", templates.display());
    let refused = broken.refused(&["mail", "check"]);
    assert!(refused.contains("test.html:1"), "{refused}");
}
