//! Which commands begin a new installation, and what the others say where there is none.

use latchkey::store::Database;

use super::program::House;
use crate::support::{empty_database_url, settings};

#[test]
fn a_command_in_the_wrong_folder_says_so_and_makes_no_database() {
    let house = House::new();
    for command in [
        &["user", "list"][..],
        &["role", "list"],
        &["tenant", "list"],
        &["client", "list"],
        &["outbox", "list"],
        &["audit"],
        &["export", "jsonl"],
    ] {
        let refusal = house.refused(command);
        for words in
            ["there is no database here", "/var there is no private PostgreSQL", "--config", "--data"]
        {
            assert!(refusal.contains(words), "{command:?}, {words}: {refusal}");
        }
        assert!(!house.inside("").exists(), "{command:?} left something behind");
    }
    assert!(house.said(&["migrate"]).starts_with("Applied: V1__"), "an installation may begin so");
    assert_eq!(house.said(&["user", "list"]).lines().count(), 1, "a heading, and nobody yet");
}

#[test]
fn an_installation_may_begin_with_accounts_from_elsewhere() {
    let house = House::new();
    let said = house.run(&["import", "jsonl", "-"], r#"{"username":"alice","role":"portal"}"#);
    assert!(said.status.success(), "{}", String::from_utf8_lossy(&said.stderr));
    assert!(house.said(&["user", "list"]).contains("alice"));
}

#[test]
fn an_import_that_has_nothing_to_read_begins_no_installation() {
    let house = House::new();
    let nobody = "postgresql://latchkey@127.0.0.1:1/traffic_ops";
    for (command, input, reason) in [
        (&["import", "csv", "people.csv"][..], "", "people.csv: No such file"),
        (&["import", "csv", "-"], "user,mail\n", "no account has the column \"user\""),
        (&["import", "jsonl", "people.jsonl"], "", "people.jsonl: No such file"),
        (&["import", "traffic-ops", nobody], "", "the database to read from: "),
    ] {
        let said = String::from_utf8(house.run(command, input).stderr).unwrap();
        assert!(said.contains(reason), "{command:?}: {said}");
        assert!(!house.inside("").exists(), "{command:?} left something behind");
    }
}

#[test]
fn keys_that_are_not_there_are_not_rotated_and_no_folder_is_made_for_them() {
    for house in [House::new(), House::new().with("LATCHKEY_DATABASE__URL", "host=db.example.test")] {
        let refusal = house.refused(&["secret", "rotate"]);
        for words in ["there are no keys here", "/var/session-secret is not there", "--config", "--data"] {
            assert!(refusal.contains(words), "{words}: {refusal}");
        }
        assert!(!house.inside("").exists());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_command_on_a_strange_database_says_so_and_leaves_it_alone() {
    let url = empty_database_url().await;
    let house = House::new().with("LATCHKEY_DATABASE__URL", &url);
    let database = Database::open(&url, &settings()).unwrap();
    let number = async |question: &str| -> i64 {
        database.client().await.unwrap().query_one(question, &[]).await.unwrap().get(0)
    };
    for command in [&["user", "list"][..], &["outbox", "list"], &["export", "jsonl"]] {
        let refusal = house.refused(command);
        for words in ["there is nothing of latchkey in this database", "database.url", "migrate"] {
            assert!(refusal.contains(words), "{command:?}, {words}: {refusal}");
        }
    }
    const OURS: &str = "SELECT count(*) FROM pg_namespace WHERE nspname = 'latchkey'";
    assert_eq!(number(OURS).await, 0);

    house.said(&["migrate"]);
    const FORGET: &str = "WITH gone AS (DELETE FROM latchkey.schema_history WHERE version = \
        (SELECT max(version) FROM latchkey.schema_history) RETURNING 1) SELECT count(*) FROM gone";
    assert_eq!(number(FORGET).await, 1);
    let refusal = house.refused(&["user", "list"]);
    assert!(refusal.contains("run `latchkey migrate`"), "a schema of an earlier release: {refusal}");
    assert!(!house.inside("").exists(), "no command needed the data folder");
}

#[test]
fn operations_that_claim_one_place_are_named_by_the_list_of_routes_as_by_the_start() {
    let house = House::new().with("LATCHKEY_DIALECTS__BUDDHA_JONES__MOUNT", "/api/5.0/user");
    let listed = house.refused(&["routes"]);
    assert!(listed.starts_with("latchkey: two operations claim /api/5.0/user/log"), "{listed}");
    assert_eq!(listed, house.refused(&["serve"]).lines().last().unwrap().to_owned() + "\n");
}
