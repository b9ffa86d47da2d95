//! Operations on users of one's own tenant, of one below it and of a foreign one, alike in every version.

use std::collections::BTreeSet;

use latchkey::{
    api::{route::Access, table::endpoints, traffic_ops::DIALECT},
    service::Newcomer,
};
use serde_json::{Value, json};

use super::actor;
use crate::{
    contract::wire::Answer,
    support::{Client, TestApp, VERSIONS, account, with_role},
    traffic_ops::program::{described, id_of, with_password},
};

/// `does`: it is done. `sees`: the list holds who is looked for. `blind`: the list is empty. `far`: 403, the tenant is
/// not within reach. `may not`: 403, the role doesn't grant the operation. `out`: 401, nobody is signed in.
const TABLE: &str = "
    role        operation       own      below    foreign
    admin       users           sees     sees     blind
    admin       user            sees     sees     blind
    admin       createUser      does     does     far
    admin       updateUser      does     does     far
    admin       deleteUser      does     does     far
    admin       registerUser    does     does     far
    operations  users           sees     sees     blind
    operations  user            sees     sees     blind
    operations  createUser      does     does     far
    operations  updateUser      does     does     far
    operations  deleteUser      may_not  may_not  may_not
    operations  registerUser    does     does     far
    read-only   users           sees     sees     blind
    read-only   user            sees     sees     blind
    read-only   createUser      may_not  may_not  may_not
    read-only   updateUser      may_not  may_not  may_not
    read-only   deleteUser      may_not  may_not  may_not
    read-only   registerUser    may_not  may_not  may_not
    portal      users           sees     sees     blind
    portal      user            sees     sees     blind
    portal      createUser      may_not  may_not  may_not
    portal      updateUser      may_not  may_not  may_not
    portal      deleteUser      may_not  may_not  may_not
    portal      registerUser    may_not  may_not  may_not
    steering    users           sees     sees     blind
    steering    user            sees     sees     blind
    steering    createUser      may_not  may_not  may_not
    steering    updateUser      may_not  may_not  may_not
    steering    deleteUser      may_not  may_not  may_not
    steering    registerUser    may_not  may_not  may_not
    federation  users           sees     sees     blind
    federation  user            sees     sees     blind
    federation  createUser      may_not  may_not  may_not
    federation  updateUser      may_not  may_not  may_not
    federation  deleteUser      may_not  may_not  may_not
    federation  registerUser    may_not  may_not  may_not
    trouter     users           may_not  may_not  may_not
    trouter     user            may_not  may_not  may_not
    trouter     createUser      may_not  may_not  may_not
    trouter     updateUser      may_not  may_not  may_not
    trouter     deleteUser      may_not  may_not  may_not
    trouter     registerUser    may_not  may_not  may_not
    disallowed  users           out      out      out
    disallowed  user            out      out      out
    disallowed  createUser      out      out      out
    disallowed  updateUser      out      out      out
    disallowed  deleteUser      out      out      out
    disallowed  registerUser    out      out      out
";

/// The tenants: the actor's own, one below it, and one beside it.
const TENANTS: [(&str, i64); 3] = [("own", 3), ("below", 4), ("foreign", 5)];

type Cell = (String, String, &'static str, String);

fn cells() -> Vec<Cell> {
    let rows = TABLE.lines().map(|line| line.split_whitespace().collect::<Vec<_>>());
    let rows = rows.filter(|row| row.len() == 5 && row[0] != "role");
    rows.flat_map(|row| {
        let cell = |at: usize| (row[0].to_owned(), row[1].to_owned(), TENANTS[at].0, row[at + 2].to_owned());
        (0..3).map(cell).collect::<Vec<_>>()
    })
    .collect()
}

#[tokio::test]
async fn the_table_has_every_role_and_every_operation() {
    let app = TestApp::start().await;
    let client = app.database.client().await.unwrap();
    let roles = client.query("SELECT name FROM role", &[]).await.unwrap();
    let roles: BTreeSet<String> = roles.iter().map(|row| row.get(0)).collect();
    let operations: BTreeSet<&str> = endpoints(&DIALECT)
        .filter(|at| at.route.path.starts_with("users"))
        .map(|at| at.route.operation)
        .collect();
    let wanted: BTreeSet<(String, String, &str)> = roles
        .iter()
        .flat_map(|role| operations.iter().map(move |operation| (role.clone(), (*operation).to_owned())))
        .flat_map(|(role, operation)| TENANTS.map(|(tenant, _)| (role.clone(), operation.clone(), tenant)))
        .collect();
    let there: Vec<_> =
        cells().into_iter().map(|(role, operation, tenant, _)| (role, operation, tenant)).collect();
    assert_eq!(there.len(), wanted.len());
    assert_eq!(there.into_iter().collect::<BTreeSet<_>>(), wanted);
}

#[test]
fn every_operation_on_users_asks_for_permissions_in_every_version() {
    for endpoint in endpoints(&DIALECT).filter(|at| at.route.path.starts_with("users")) {
        let wanted: &[&str] = match endpoint.route.operation {
            "users" | "user" => &["USER:READ"],
            "createUser" | "registerUser" => &["USER:CREATE", "USER:READ"],
            "updateUser" => &["USER:UPDATE", "USER:READ"],
            "deleteUser" => &["USER:DELETE", "USER:READ"],
            other => panic!("nobody knows what {other} asks for"),
        };
        assert_eq!(endpoint.route.access, Access::Holding(wanted), "{}", endpoint.version);
    }
}

#[tokio::test]
async fn every_cell_is_true_in_every_version() {
    let app = TestApp::start().await;
    app.sql(
        "INSERT INTO tenant (id, name, active, parent_id) \
         VALUES (3, 'own', true, 1), (4, 'below', true, 3), (5, 'foreign', true, 1)",
    )
    .await;
    let mut number = 0;
    for (role, operation, tenant, wanted) in cells() {
        app.sql(&format!("DELETE FROM log; DELETE FROM tm_user WHERE username = 'actor-{role}'")).await;
        let actor = actor(&app, &role, "own").await;
        for version in VERSIONS.into_iter().filter(|version| operation != "deleteUser" || *version == "5.0") {
            number += 1;
            let target = format!("target{number}");
            app.has(Newcomer { tenant: tenant.to_owned(), ..account(&target) }).await;
            let id = id_of(&app, &target).await;
            let answer = attempt(&actor.in_version(version), version, &operation, tenant, &target, id).await;
            assert_eq!(outcome(&answer), wanted, "{role} {operation} {tenant} {version}: {}", answer.text());
        }
    }
}

async fn attempt(
    actor: &Client,
    version: &str,
    operation: &str,
    tenant: &str,
    target: &str,
    id: i64,
) -> Answer {
    let tenant = TENANTS.iter().find(|(name, _)| *name == tenant).unwrap().1;
    let role = if version.starts_with('3') { json!(4) } else { json!("read-only") };
    let whole = |name: &str| -> Value {
        let email = format!("{name}@example.test");
        json!({ "username": name, "email": email, "fullName": name, "role": role, "tenantId": tenant })
    };
    let path = format!("users/{id}");
    let newcomer = format!("new-{target}");
    match operation {
        "users" => actor.get(&format!("users?username={target}")).await,
        "user" => actor.get(&path).await,
        "createUser" => actor.post("users", with_password(whole(&newcomer))).await,
        "updateUser" => actor.put(&path, whole(target)).await,
        "deleteUser" => actor.delete(&path).await,
        "registerUser" => {
            let email = format!("{newcomer}@example.test");
            let form = json!({ "email": email, "role": role, "tenantId": tenant });
            actor.post("users/register", form).await
        }
        other => panic!("nobody knows how to try {other}"),
    }
}

fn outcome(answer: &Answer) -> &'static str {
    let members = answer.json()["response"].as_array().map(Vec::len);
    match (answer.status, members) {
        (200, Some(0)) => "blind",
        (200, Some(1)) => "sees",
        (200 | 201, None) => "does",
        (403, None) if answer.text() == "not authorized on this tenant" => "far",
        (403, None) if answer.text().starts_with("missing required Permissions: ") => "may_not",
        (401, None) => "out",
        _ => "something else",
    }
}

/// Whom an actor may give a role, take it from, or touch: those who may do no more than the actor.
#[tokio::test]
async fn nobody_grants_edits_or_removes_more_than_they_hold() {
    let app = TestApp::start().await;
    app.sql(
        "INSERT INTO role (name, description, priv_level) VALUES ('clerk', 'x', 30), ('peer', 'x', 0); \
         INSERT INTO role_capability (role_id, cap_name) SELECT id, unnest(ARRAY['USER:READ', 'USER:CREATE', \
             'USER:UPDATE', 'USER:DELETE']) FROM role WHERE name IN ('clerk', 'peer')",
    )
    .await;
    let clerk = app.signed_in(with_role("clerk", "clerk")).await;
    for (role, held) in [
        ("peer", true),
        ("clerk", true),
        ("disallowed", true),
        ("trouter", true),
        ("read-only", false),
        ("operations", false),
        ("admin", false),
    ] {
        let name = format!("victim-{role}");
        app.has(with_role(&name, role)).await;
        let path = format!("users/{}", id_of(&app, &name).await);
        let whole = |name: &str, role: &str| described("5.0", name, role);
        let made = clerk.post("users", with_password(whole(&format!("made-{role}"), role))).await;
        let invited = json!({ "email": format!("invited-{role}@example.test"), "role": role, "tenantId": 1 });
        let invited = clerk.post("users/register", invited).await;
        let taken = clerk.put(&path, whole(&name, "peer")).await;
        let given = clerk.put(&path, whole(&name, role)).await;
        let removed = clerk.delete(&path).await;
        let statuses = [made, invited, taken, given, removed].map(|answer| answer.status);
        assert_eq!(statuses, if held { [201, 200, 200, 200, 200] } else { [403; 5] }, "{role}");
    }
}
