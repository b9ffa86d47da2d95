//! Roles and tenants at the command line, beside a running server.

use std::process::Output;

use serde_json::{Value, json};

use super::program::{ADMIN_PASSWORD, House, refused, said};

fn objects(output: Output) -> Vec<Value> {
    said(output).lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

#[tokio::test]
async fn a_role_is_made_shown_given_and_removed() {
    let house = House::new();
    let server = house.serve();
    let run = |arguments: &[&str]| house.run(&[&["role"], arguments].concat(), "");
    let add = ["add", "clerk", "--description", "Keeps the books"];
    let granting = ["--permission", "TENANT:READ", "--permission", "ACME:READ", "--permission", "ACME:READ"];
    said(run(&[&add[..], &granting].concat()));
    assert_eq!(said(run(&["show", "clerk"])), "clerk: Keeps the books\n  ACME:READ\n  TENANT:READ\n");
    let shown = objects(run(&["show", "clerk", "--json"]));
    assert_eq!(shown[0]["permissions"], json!(["ACME:READ", "TENANT:READ"]));
    let table = said(run(&["list"]));
    assert!(table.starts_with("ROLE        PERMISSIONS  DESCRIPTION\nadmin       1  "), "{table}");
    assert_eq!(objects(run(&["list", "--json"])).len(), 9);

    said(house.run(&["user", "add", "carol", "--role", "clerk", "--password-stdin"], "what carol chose\n"));
    let mut carol = server.client("carol");
    carol.sign_in("what carol chose").await;
    assert_eq!(carol.get("tenants").await.status, 200);
    carol.get("roles").await.refuses(403, "missing required Permissions: ROLE:READ");

    assert_eq!(refused(run(&add)), "latchkey: the name is taken\n");
    assert_eq!(refused(run(&["remove", "clerk"])), "latchkey: the role is still given to accounts: 1\n");
    assert_eq!(refused(run(&["remove", "nobody"])), "latchkey: no such role\n");
    assert_eq!(refused(run(&["show", "nobody"])), "latchkey: no role is called nobody\n");
    assert_eq!(
        refused(run(&["remove", "disallowed"])),
        "latchkey: the role disallowed can not be renamed or removed\n"
    );
    said(run(&["remove", "portal"]));
    assert_eq!(objects(run(&["list", "--json"])).len(), 8);
}

#[tokio::test]
async fn a_tenant_is_made_shown_and_removed() {
    let house = House::new();
    let server = house.serve();
    let run = |arguments: &[&str]| house.run(&[&["tenant"], arguments].concat(), "");
    said(run(&["add", "north"]));
    said(run(&["add", "far", "--parent", "north", "--inactive"]));
    let table = "TENANT      ACTIVE  UNDER\nfar         no      north\nnorth       yes     root\n\
                 root        yes     -\nunassigned  yes     root\n";
    assert_eq!(said(run(&["list"])), table);
    let far = &objects(run(&["list", "--json"]))[0];
    assert_eq!(
        (&far["name"], &far["active"], &far["parent"]),
        (&json!("far"), &json!(false), &json!("north"))
    );
    let mut admin = server.client("admin");
    admin.sign_in(ADMIN_PASSWORD).await;
    let listed = admin.get("tenants?parent_name=north").await.json();
    assert_eq!(listed["response"][0]["id"], far["id"]);

    assert_eq!(refused(run(&["add", "far"])), "latchkey: the name is taken\n");
    assert_eq!(refused(run(&["add", "x", "--parent", "nowhere"])), "latchkey: no tenant is called nowhere\n");
    assert_eq!(
        refused(run(&["remove", "north"])),
        "latchkey: something still belongs to the tenant, in the table tenant\n"
    );
    said(run(&["remove", "far"]));
    said(run(&["remove", "north"]));
    assert_eq!(objects(run(&["list", "--json"])).len(), 2);
}
