//! Operations on roles and tenants, in one's own tenant, one below it and a foreign one.

use std::collections::BTreeSet;

use latchkey::api::{table::endpoints, traffic_ops::DIALECT};
use serde_json::json;

use super::actor;
use crate::{
    contract::wire::Answer,
    support::{Client, TestApp},
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
        assert_eq!(app.number("SELECT count(*) FROM role").await, 8, "the columns are all roles there are");
        let mut callers = Vec::new();
        for role in ROLES {
            callers.push(actor(&app, role, "middle").await.in_version(version));
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
    let about = ["roles", "tenants"];
    let subject =
        |path: &str| path.split('/').next().and_then(|first| about.into_iter().find(|it| *it == first));
    let operations = endpoints(&DIALECT).filter_map(|at| {
        let subject = subject(at.route.path)?;
        Some(format!("{} {subject}", at.route.verb))
    });
    let wanted: BTreeSet<_> = operations
        .flat_map(|operation| ["own", "child", "foreign"].map(|place| (operation.clone(), place)))
        .collect();
    let there: Vec<_> = TABLE.iter().map(|(operation, place, _)| ((*operation).to_owned(), *place)).collect();
    assert_eq!(there.len(), wanted.len(), "no row stands twice");
    assert_eq!(there.into_iter().collect::<BTreeSet<_>>(), wanted);
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
