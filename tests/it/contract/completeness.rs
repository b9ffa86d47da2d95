//! No contract goes without what every contract has: a tour, a switch, stories in each of its versions.

use std::{env, process::Command};

use latchkey::{api::traffic_ops, config::Config};

use super::{contracts, document::documents_of};
use crate::support::{SINCE_4, UP_TO_3, VERSIONS};

#[test]
fn every_contract_has_a_tour() {
    let listed =
        Command::new(env::current_exe().unwrap()).args(["--list", "--format", "terse"]).output().unwrap();
    let tests = String::from_utf8(listed.stdout).unwrap();
    for name in contracts().map(|dialect| dialect.name) {
        let tour = format!("{name}::tour::every_documented_status_of_every_operation_is_reached");
        let is_listed = tests.lines().any(|line| line.strip_suffix(": test") == Some(&tour));
        assert!(is_listed, "{name} has no tour: there is no test {tour}");
    }
}

#[test]
#[should_panic(expected = "unheard_of has no document: api/unheard_of.json is missing")]
fn whatever_is_asked_of_a_contract_without_a_document_fails() {
    documents_of("unheard_of").for_each(drop);
}

#[test]
fn every_contract_can_be_switched_off_and_nothing_else_can() {
    let config = Config::default();
    let switches = config.dialects.each().map(|section| section.name);
    let contracts: Vec<_> = contracts().map(|dialect| dialect.name).collect();
    assert_eq!(contracts, switches, "the sections of src/config/dialects.rs");
}

#[test]
fn the_stories_know_every_version_of_traffic_ops() {
    let served: Vec<_> = traffic_ops::DIALECT.versions.iter().map(ToString::to_string).collect();
    assert_eq!(VERSIONS.as_slice(), served, "VERSIONS in tests/it/support/client.rs");
    let by_role = [UP_TO_3.as_slice(), &SINCE_4].concat();
    assert_eq!(by_role, served, "UP_TO_3 and SINCE_4 in tests/it/support/client.rs");
}
