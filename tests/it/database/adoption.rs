//! A Traffic Ops database that is adopted: its tables stay as they are, and its people sign in.

use std::process::Command;

use latchkey::store::migrate;
use serde_json::json;
use tokio_postgres::NoTls;

use super::cluster::program;
use crate::{
    contract::wire::Answer,
    process::program::House,
    support::{Client, TestApp, VERSIONS, empty_database_url},
};

const PASSWORD: &str = "as it was before latchkey";
/// The original's own schema only.
const PUBLIC: [&str; 2] = ["--schema", "public"];

async fn run(url: &str, statements: &str) {
    let (client, connection) = tokio_postgres::connect(url, NoTls).await.unwrap();
    let driver = tokio::spawn(connection);
    client.batch_execute(statements).await.unwrap();
    drop(client);
    driver.await.unwrap().unwrap();
}

async fn original() -> String {
    let url = empty_database_url().await;
    run(&url, include_str!("original.sql")).await;
    url
}

/// Everything, or only a schema, as PostgreSQL's own program writes it down.
fn dump(url: &str, only: &[&str]) -> String {
    // As whoever runs the tests: the socket is the tests' own.
    let path = program("pg_dump").get_program().to_owned();
    let output = Command::new(path).args(only).args(["-d", url]).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let text = String::from_utf8(output.stdout).unwrap();
    // A word that newer ones draw anew for each dump.
    text.lines()
        .filter(|line| !line.starts_with("\\restrict") && !line.starts_with("\\unrestrict"))
        .collect::<Vec<_>>()
        .join("\n")
}

fn person(app: &TestApp, name: &str) -> Client {
    Client::new(app.address(), Some(name.to_owned()))
}

#[tokio::test(flavor = "multi_thread")]
async fn adopting_a_database_leaves_its_tables_alone_and_its_people_sign_in() {
    let url = original().await;
    let before = dump(&url, &PUBLIC);
    assert!(before.contains("The CDN of the Tests") && before.contains("on_update"), "it is a whole dump");
    let house = House::new().with("LATCHKEY_DATABASE__URL", &url);
    house.said(&["migrate"]);
    assert_eq!(dump(&url, &PUBLIC), before, "byte by byte");
    let schemas = dump(&url, &[]);
    assert_eq!(schemas.matches("CREATE SCHEMA ").count(), 1, "one schema was added");
    assert!(schemas.contains("CREATE SCHEMA latchkey;"));

    let app = TestApp::on(url, |_| {}).await;
    for (name, password) in
        [("root-admin", PASSWORD), ("operator", PASSWORD), ("legacy", "an old password in hexadecimal")]
    {
        let mut person = person(&app, name);
        person.sign_in(password).await;
        assert_eq!(person.get("user/current").await.json()["response"]["username"], name);
        // Once more, with what the first time has made of the hash.
        person.sign_in(password).await;
    }
    let blocked = person(&app, "blocked").post("user/login", json!({ "u": "blocked", "p": PASSWORD })).await;
    blocked.refuses(401, "Invalid username or password.");

    let mut admin = person(&app, "root-admin");
    admin.sign_in(PASSWORD).await;
    for version in VERSIONS {
        let client = admin.in_version(version);
        for list in ["users", "roles", "tenants"] {
            assert_eq!(client.get(list).await.status, 200, "{version} {list}");
        }
    }
    for list in ["api_capabilities", "capabilities"] {
        assert_eq!(admin.in_version("3.1").get(list).await.status, 200, "{list}");
    }
    writes_work(&app, &admin).await;
}

async fn removed(app: &TestApp, admin: &Client, name: &str) -> Answer {
    let id = app.number(&format!("SELECT id FROM tm_user WHERE username = '{name}'")).await;
    admin.delete(&format!("users/{id}")).await
}

/// Accounts are made, changed and removed beside those that were there.
async fn writes_work(app: &TestApp, admin: &Client) {
    let newcomer = json!({ "username": "newcomer", "email": "newcomer@example.test", "fullName": "New",
        "role": "operations", "tenantId": 3, "localPasswd": PASSWORD });
    assert_eq!(admin.post("users", newcomer).await.status, 201);
    let mut newcomer = person(app, "newcomer");
    newcomer.sign_in(PASSWORD).await;
    let mut own = newcomer.get("user/current").await.json()["response"].clone();
    own["company"] = "Theirs".into();
    let changed = newcomer.put("user/current", own).await;
    assert_eq!(changed.status, 200, "{}", changed.text());
    let mut legacy = person(app, "legacy");
    legacy.sign_in("an old password in hexadecimal").await;
    assert_eq!(removed(app, admin, "legacy").await.status, 200);
    assert_eq!(legacy.get("user/current").await.status, 401);

    // Rows of the original's tables hold on to their people: that is said, and nothing is removed.
    for name in ["newcomer", "operator"] {
        let text = removed(app, admin, name).await.refused_with(400);
        assert!(text.contains("log"), "{text}");
    }
    assert_eq!(newcomer.get("user/current").await.status, 200);

    // Two addresses that differ by case only: the letter goes to the one that was written.
    let asked = admin.without_cookies();
    let sent = asked.post("user/reset_password", json!({ "email": "operator@example.test" })).await;
    assert_eq!(sent.status, 200);
    let letters = app.deliver().await;
    let key = letters.only_letter_to("operator@example.test").reset_key();
    let mut holder = person(app, "operator-too");
    let answer = holder.post("user/login/token", json!({ "t": key })).await;
    assert_eq!(answer.status, 200);
    holder.keep(&answer);
    assert_eq!(holder.get("user/current").await.json()["response"]["username"], "operator-too");
    // And whoever has one of them is there already, however it is written.
    for email in ["operator@example.test", "OPERATOR@example.test"] {
        let invitation = json!({ "email": email, "role": "operations", "tenantId": 3 });
        let answer = admin.post("users/register", invitation).await;
        answer.refuses(409, "User already exists and has completed registration.");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn people_whose_tenants_stand_in_a_ring_sign_in() {
    let url = original().await;
    run(&url, "UPDATE tenant SET parent_id = 5 - id WHERE name IN ('unassigned', 'north')").await;
    migrate::run(&url).await.unwrap();
    let app = TestApp::on(url, |config| config.database.statement_timeout = 1).await;
    let mut operator = person(&app, "operator");
    for _ in 0..2 {
        operator.sign_in(PASSWORD).await;
        assert_eq!(operator.get("user/current").await.status, 200);
    }
}

#[tokio::test]
async fn a_database_that_is_only_half_of_one_is_refused_and_stays_as_it_is() {
    let url = original().await;
    run(&url, "DROP TABLE role_capability").await;
    let before = dump(&url, &[]);
    let refusal = migrate::run(&url).await.unwrap_err().to_string();
    assert!(refusal.contains("public.role_capability"), "{refusal}");
    assert_eq!(dump(&url, &[]), before);
}
