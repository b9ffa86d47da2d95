//! Which commands begin a new installation, and what the others say where there is none.

use super::program::House;

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
fn operations_that_claim_one_place_are_named_by_the_list_of_routes_as_by_the_start() {
    let house = House::new().with("LATCHKEY_DIALECTS__BUDDHA_JONES__MOUNT", "/api/5.0/user");
    let listed = house.refused(&["routes"]);
    assert!(listed.starts_with("latchkey: two operations claim /api/5.0/user/log"), "{listed}");
    assert_eq!(listed, house.refused(&["serve"]).lines().last().unwrap().to_owned() + "\n");
}
