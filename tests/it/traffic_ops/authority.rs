//! Who may do what, where: each role of a new database, each operation, each place. No cell is left out.

use latchkey::service::Newcomer;
use serde_json::json;

use crate::{
    contract::wire::Answer,
    support::{Client, TestApp, account},
};

/// The columns of [`TABLE`].
const ROLES: [&str; 8] =
    ["admin", "operations", "read-only", "portal", "steering", "federation", "trouter", "disallowed"];

/// Whoever calls belongs to `middle`, below the root. `own` is that tenant, `child` is `lower` below it, `foreign` is
/// `other` beside it. For a list: what is in it, or the refusal. Roles have no place, so theirs are alike in all three.
const TABLE: &[(&str, &str, [u16; 8])] = &[
    ("GET roles", "own", [200, 200, 200, 200, 200, 200, 403, 401]),
    ("GET roles", "child", [200, 200, 200, 200, 200, 200, 403, 401]),
    ("GET roles", "foreign", [200, 200, 200, 200, 200, 200, 403, 401]),
    ("POST roles", "own", [201, 403, 403, 403, 403, 403, 403, 401]),
    ("POST roles", "child", [201, 403, 403, 403, 403, 403, 403, 401]),
    ("POST roles", "foreign", [201, 403, 403, 403, 403, 403, 403, 401]),
    ("PUT roles", "own", [200, 403, 403, 403, 403, 403, 403, 401]),
    ("PUT roles", "child", [200, 403, 403, 403, 403, 403, 403, 401]),
    ("PUT roles", "foreign", [200, 403, 403, 403, 403, 403, 403, 401]),
    ("DELETE roles", "own", [200, 403, 403, 403, 403, 403, 403, 401]),
    ("DELETE roles", "child", [200, 403, 403, 403, 403, 403, 403, 401]),
    ("DELETE roles", "foreign", [200, 403, 403, 403, 403, 403, 403, 401]),
    ("GET tenants", "own", [200, 200, 200, 200, 200, 200, 403, 401]),
    ("GET tenants", "child", [200, 200, 200, 200, 200, 200, 403, 401]),
    // An empty list: what is out of reach is not there.
    ("GET tenants", "foreign", [204, 204, 204, 204, 204, 204, 403, 401]),
    ("POST tenants", "own", [200, 200, 403, 403, 403, 403, 403, 401]),
    ("POST tenants", "child", [200, 200, 403, 403, 403, 403, 403, 401]),
    ("POST tenants", "foreign", [403, 403, 403, 403, 403, 403, 403, 401]),
    // One's own tenant hangs under one that is out of reach.
    ("PUT tenants", "own", [403, 403, 403, 403, 403, 403, 403, 401]),
    ("PUT tenants", "child", [200, 200, 403, 403, 403, 403, 403, 401]),
    ("PUT tenants", "foreign", [403, 403, 403, 403, 403, 403, 403, 401]),
    // One's own tenant has a user: oneself.
    ("DELETE tenants", "own", [400, 400, 403, 403, 403, 403, 403, 401]),
    ("DELETE tenants", "child", [200, 200, 403, 403, 403, 403, 403, 401]),
    ("DELETE tenants", "foreign", [403, 403, 403, 403, 403, 403, 403, 401]),
];

const TENANTS: &str = "DELETE FROM role WHERE id > 8; DELETE FROM tenant WHERE id > 3; \
    INSERT INTO tenant (id, name, active, parent_id) VALUES (4, 'lower', true, 3), (5, 'other', true, 1); \
    INSERT INTO role (id, name, description, priv_level) VALUES (9, 'spare', 'Spare', 0); \
    SELECT setval('tenant_id_seq', 5); SELECT setval('role_id_seq', 9)";

#[tokio::test]
async fn each_role_may_do_what_the_table_says_where_it_says() {
    for version in ["3.1", "4.1", "5.0"] {
        let app = TestApp::start().await;
        app.sql("INSERT INTO tenant (id, name, active, parent_id) VALUES (3, 'middle', true, 1)").await;
        let mut callers = Vec::new();
        for role in ROLES {
            callers.push(caller(&app, role).await.in_version(version));
        }
        let mut wrong = Vec::new();
        for (operation, place, wanted) in TABLE {
            for (column, caller) in callers.iter().enumerate() {
                app.sql(TENANTS).await;
                let answer = call(caller, version, operation, place).await;
                let came = outcome(operation, version, &answer);
                if came != wanted[column] {
                    let role = ROLES[column];
                    wrong.push(format!("{role}: {operation} {place}: {came} {:?}", answer.text()));
                }
            }
        }
        assert!(wrong.is_empty(), "{version}\n{}", wrong.join("\n"));
    }
}

#[test]
fn the_table_has_a_row_for_each_operation_and_place() {
    for operation in ["roles", "tenants"] {
        for method in ["GET", "POST", "PUT", "DELETE"] {
            for place in ["own", "child", "foreign"] {
                let rows =
                    TABLE.iter().filter(|(o, p, _)| *o == format!("{method} {operation}") && *p == place);
                assert_eq!(rows.count(), 1, "{method} {operation} {place}");
            }
        }
    }
}

/// Holders of `disallowed` can't sign in; they call without a session.
async fn caller(app: &TestApp, role: &'static str) -> Client {
    let newcomer = Newcomer { role: role.into(), tenant: "middle".into(), ..account(role) };
    match role {
        "disallowed" => app.has(newcomer).await,
        _ => app.signed_in(newcomer).await,
    }
}

async fn call(caller: &Client, version: &str, operation: &str, place: &str) -> Answer {
    let (id, parent) = match place {
        "own" => (3, 1),
        "child" => (4, 3),
        _ => (5, 1),
    };
    let spare = if version.starts_with('3') { "roles?id=9" } else { "roles?name=spare" };
    let role = json!({ "name": "new", "description": "New", "privLevel": 0 });
    match operation {
        "GET roles" => caller.get("roles").await,
        "POST roles" => caller.post("roles", role).await,
        "PUT roles" => caller.put(spare, role).await,
        "DELETE roles" => caller.delete(spare).await,
        "GET tenants" => caller.get(&format!("tenants?id={id}")).await,
        "POST tenants" => caller.post("tenants", json!({ "name": "new", "parentId": id })).await,
        "PUT tenants" => {
            let body = json!({ "name": "renamed", "active": true, "parentId": parent });
            caller.put(&format!("tenants/{id}"), body).await
        }
        _ => caller.delete(&format!("tenants/{id}")).await,
    }
}

/// The status; 204 for an empty list, and 201 for a role made in 3.x, where that is 200.
fn outcome(operation: &str, version: &str, answer: &Answer) -> u16 {
    match answer.status {
        200 if answer.json()["response"].as_array().is_some_and(Vec::is_empty) => 204,
        200 if operation == "POST roles" && version == "3.1" => 201,
        status => status,
    }
}
