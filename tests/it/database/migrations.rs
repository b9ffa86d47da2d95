//! The schema: ten that start at once, a release that is older than it, and what a step may do.

use std::fs;

use latchkey::{
    app::{Verdict, check_database},
    store::{DatabaseSettings, migrate},
};

use crate::{
    process::program::{Beginning, House},
    support::{TestApp, empty_database_url},
};

#[tokio::test(flavor = "multi_thread")]
async fn ten_instances_that_start_at_once_migrate_once_and_all_serve() {
    let url = empty_database_url().await;
    let house = House::new().with("LATCHKEY_SESSION__SECRETS", r#"["a secret that all have"]"#);
    let house = house.with("LATCHKEY_DATABASE__URL", &url).with("LATCHKEY_DATABASE__CONNECTIONS", 2);
    let begun: Vec<Beginning> = (0..10).map(|_| house.begin(&[])).collect();
    let instances: Vec<_> = begun.into_iter().map(Beginning::ready).collect();
    let first = |line: &String| line.contains("First administrator");
    let administrators = instances.iter().filter(|instance| instance.said.iter().any(first)).count();
    assert_eq!(administrators, 1);
    let mut admin = instances[0].client("admin");
    admin.sign_in(crate::process::program::ADMIN_PASSWORD).await;
    for instance in &instances {
        assert_eq!(admin.at(instance.address).get("user/current").await.status, 200);
    }
    let app = TestApp::on(url, |_| {}).await;
    let steps = fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/schema")).unwrap().count();
    let applied = app.number("SELECT count(*) FROM latchkey.schema_history").await;
    assert_eq!(usize::try_from(applied), Ok(steps), "each step once");
}

#[tokio::test]
async fn a_schema_that_a_later_release_extended_serves_and_one_that_it_contracted_is_refused() {
    let url = empty_database_url().await;
    migrate::run(&url).await.unwrap();
    assert_eq!(migrate::run(&url).await.unwrap(), Vec::<String>::new(), "nothing is left to do");
    let app = TestApp::on(url.clone(), |_| {}).await;
    app.sql(
        "INSERT INTO latchkey.schema_history (version, name, applied_on, checksum) \
             VALUES (900, 'more_columns', '2030-01-01T00:00:00Z', '1')",
    )
    .await;
    assert_eq!(migrate::run(&url).await.unwrap(), Vec::<String>::new(), "it works with what is there");
    let (verdict, found) = checked(&url).await;
    assert_eq!(verdict, Verdict::Warning);
    assert!(found.ends_with("a later release has extended the schema; this one works with it"), "{found}");
    app.sql(
        "INSERT INTO latchkey.schema_history (version, name, applied_on, checksum) \
             VALUES (901, 'contract_session_address', '2030-01-02T00:00:00Z', '1')",
    )
    .await;
    let refusal = migrate::run(&url).await.unwrap_err().to_string();
    for words in ["too new", "V901__contract_session_address", "later release"] {
        assert!(refusal.contains(words), "{words}: {refusal}");
    }
    let (verdict, found) = checked(&url).await;
    assert_eq!(verdict, Verdict::Failure);
    assert!(refusal.starts_with(&found), "the check says what the start says: {found}");
}

/// What `latchkey check` says about the schema.
async fn checked(url: &str) -> (Verdict, String) {
    let findings = check_database(url, &DatabaseSettings::default()).await;
    let schema = findings.into_iter().find(|finding| finding.subject == "database schema").unwrap();
    (schema.verdict, schema.found)
}

/// Expand, then contract: while the release before still runs, a step only adds. What takes away comes a release
/// later, in a step whose name begins with `contract_`, so that releases that need it refuse to start.
#[test]
fn every_step_only_adds_unless_its_name_says_that_it_takes_away() {
    const TAKES_AWAY: [&str; 9] = [
        "DROP TABLE",
        "DROP COLUMN",
        "DROP SCHEMA",
        "DROP CONSTRAINT",
        "DROP DEFAULT",
        "RENAME",
        "SET NOT NULL",
        "ALTER COLUMN",
        "TRUNCATE",
    ];
    for entry in fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/schema")).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_str().unwrap();
        let (_, name) = name.split_once("__").expect("V<number>__<name>.sql");
        let text = fs::read_to_string(&path).unwrap();
        let said = text.lines().map(|line| line.split("--").next().unwrap().to_uppercase());
        let said = said.collect::<Vec<_>>().join(" ");
        for words in TAKES_AWAY {
            assert!(name.starts_with("contract_") || !said.contains(words), "{}: {words}", path.display());
        }
    }
}
