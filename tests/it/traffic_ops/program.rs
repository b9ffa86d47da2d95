//! Users, roles and tenants as a program of the Traffic Ops API knows them, for the tests of all that is about them.

use serde_json::{Value, json};

use crate::{
    contract::wire::Answer,
    support::{Client, PASSWORD, TestApp, with_role},
};

/// A client whose account has a role that was made for it.
pub async fn holder_of(app: &TestApp, role: &str, permissions: &[&str]) -> Client {
    let granted: Vec<_> = permissions.iter().map(|name| format!("('{name}')")).collect();
    app.sql(&format!(
        "INSERT INTO role (name, description, priv_level) VALUES ('{role}', 'For a test', 15); \
         INSERT INTO role_capability (role_id, cap_name) SELECT role.id, given.name \
         FROM role, (VALUES {}) AS given (name) WHERE role.name = '{role}'",
        granted.join(", ")
    ))
    .await;
    app.signed_in(with_role(role, role)).await
}

/// A whole account as a client of this version describes it.
pub fn described(version: &str, name: &str, role: &str) -> Value {
    let email = format!("{name}@example.test");
    let mut whole =
        json!({ "username": name, "email": email, "fullName": name, "role": role, "tenantId": 1 });
    if version.starts_with('3') {
        whole["role"] = number_of(role).into();
    }
    whole
}

/// The number of a role in a new database.
pub fn number_of(role: &str) -> i64 {
    let roles =
        ["trouter", "admin", "operations", "read-only", "disallowed", "portal", "steering", "federation"];
    roles.iter().position(|known| *known == role).map_or(999, |at| at as i64 + 1)
}

/// The same with a password.
pub fn with_password(mut whole: Value) -> Value {
    whole["localPasswd"] = PASSWORD.into();
    whole
}

/// The number of an account.
pub async fn id_of(app: &TestApp, name: &str) -> i64 {
    app.number(&format!("SELECT id FROM tm_user WHERE username = '{name}'")).await
}

/// The accounts of a list.
pub async fn listed(client: &Client, query: &str) -> Vec<Value> {
    let answer = client.get(&format!("users{query}")).await;
    answer.succeeds().json()["response"].as_array().unwrap().clone()
}

/// The user names of a list.
pub async fn names(client: &Client, query: &str) -> Vec<String> {
    client.get(&format!("users{query}")).await.listed("username")
}

/// Roles and tenants are as old as the template of the tests, which is younger than the clock that tests move.
pub async fn with_old_roles_and_tenants() -> TestApp {
    let app = TestApp::start().await;
    app.sql("UPDATE role SET last_updated = '2018-12-12'; UPDATE tenant SET last_updated = '2018-12-12'")
        .await;
    app
}

/// The newest line of the change log.
pub async fn last_logged(app: &TestApp) -> String {
    let client = app.database.client().await.unwrap();
    client.query_one("SELECT message FROM log ORDER BY id DESC LIMIT 1", &[]).await.unwrap().get(0)
}

/// A header that must be there.
#[track_caller]
pub fn header<'a>(answer: &'a Answer, name: &str) -> &'a str {
    answer.headers.get(name).unwrap_or_else(|| panic!("no {name}")).to_str().unwrap()
}

/// Lets whatever changes these tables fail when it is committed, and not before.
pub async fn refuse_at_commit(app: &TestApp, tables: &[&str]) {
    app.sql(
        "CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS \
             $$ BEGIN RAISE EXCEPTION 'not at the end either'; END $$",
    )
    .await;
    for table in tables {
        app.sql(&format!(
            "CREATE CONSTRAINT TRIGGER at_commit AFTER INSERT OR UPDATE OR DELETE ON {table} \
             DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION refuse()"
        ))
        .await;
    }
}
