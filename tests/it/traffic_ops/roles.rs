//! Roles: shown, made, changed and removed, by people who hold what they hand on.

use serde_json::{Value, json};

use super::program::holder_of;
use crate::support::{SINCE_4, TestApp, UP_TO_3, VERSIONS, account};

fn clerk() -> Value {
    json!({ "name": "clerk", "description": "Keeps the books", "permissions": ["BOOKS:READ", "ACME:READ"] })
}

#[tokio::test]
async fn each_version_shows_roles_in_its_own_shape() {
    let app = TestApp::start().await;
    let reader = app.signed_in(account("reader")).await;
    app.sql("UPDATE role SET last_updated = '2026-01-02T03:04:05.06Z'").await;
    for version in UP_TO_3 {
        let answer = reader.in_version(version).get("roles?id=3").await;
        let operations = json!([{
            "id": 3, "name": "operations", "description": "Has all reads and most write capabilities",
            "privLevel": 20, "capabilities": ["ROLE:READ", "TENANT:CREATE", "TENANT:DELETE", "TENANT:READ",
                "TENANT:UPDATE", "USER:CREATE", "USER:READ", "USER:UPDATE"]
        }]);
        assert_eq!(answer.json()["response"].to_string(), operations.to_string(), "{version}");
    }
    for version in SINCE_4 {
        let answer = reader.in_version(version).get("roles/?name=portal").await;
        let portal = json!([{
            "name": "portal", "permissions": ["ROLE:READ", "TENANT:READ", "USER:READ"],
            "description": "Portal User", "lastUpdated": "2026-01-02T03:04:05.06Z"
        }]);
        assert_eq!(answer.json()["response"].to_string(), portal.to_string(), "{version}");
    }
}

#[tokio::test]
async fn filters_narrow_a_list_of_roles_down() {
    let app = TestApp::start().await;
    let reader = app.signed_in(account("reader")).await;
    let names = async |version: &'static str, query: &str| -> Vec<String> {
        reader.in_version(version).get(&format!("roles?{query}")).await.listed("name")
    };
    assert_eq!(names("3.1", "privLevel=10").await, ["read-only", "trouter"]);
    assert_eq!(names("3.1", "privLevel=10&name=trouter").await, ["trouter"]);
    assert_eq!(names("3.1", "orderby=privLevel&limit=3").await, ["disallowed", "portal", "trouter"]);
    assert_eq!(names("3.1", "orderby=privLevel&sortOrder=desc&limit=2").await, ["admin", "operations"]);
    assert_eq!(names("5.0", "name=nobody").await, [""; 0]);
    assert_eq!(
        names("5.0", "privLevel=10&id=4&limit=2").await,
        ["admin", "disallowed"],
        "only 3.x has those"
    );
    assert_eq!(names("5.0", "orderby=privLevel&limit=3").await, ["trouter", "admin", "operations"]);
    let refused = reader.in_version("3.1").get("roles?id=x").await;
    refused.refuses(400, "id cannot parse to integer");
    reader.in_version("3.1").get("roles?privLevel=x").await.refuses(400, "privLevel cannot parse to integer");
}

#[tokio::test]
async fn a_role_is_made_changed_and_removed_by_name() {
    let app = TestApp::start().await;
    let root = app.administrator().await;
    for version in SINCE_4 {
        let root = root.in_version(version);
        let made = root.post("roles", clerk()).await;
        assert_eq!((made.status, made.text()), (201, "role was created.".into()), "{version}");
        assert_eq!(made.headers["location"], format!("/api/{version}/roles?name=clerk").as_str());
        let shown = json!({
            "name": "clerk", "permissions": ["BOOKS:READ", "ACME:READ"], "description": "Keeps the books",
            "lastUpdated": "2026-11-21T12:00:00Z"
        });
        assert_eq!(made.json()["response"].to_string(), shown.to_string(), "in the order they were sent");
        let listed = root.get("roles?name=clerk").await.json();
        assert_eq!(
            listed["response"][0]["permissions"],
            json!(["ACME:READ", "BOOKS:READ"]),
            "sorted in a list"
        );

        let next = json!({ "name": "book keeper", "description": "Keeps other books" });
        let changed = root.put("roles?name=clerk", next).await;
        changed.says("role was updated.");
        assert_eq!(changed.json()["response"]["permissions"], json!([]), "left out is cleared");
        root.delete("roles?name=clerk").await.refuses(404, "no such role");
        root.delete("roles?name=book+keeper").await.says("role was deleted.");
        assert_eq!(root.get("roles?name=book+keeper").await.json()["response"], json!([]));
    }
    let log = "SELECT count(*) FROM log l JOIN tm_user u ON u.id = l.tm_user WHERE l.level = 'APICHANGE' \
               AND u.username = 'root' AND l.last_updated = '2026-11-21T12:00:00Z' AND l.message ~";
    for (message, times) in [
        ("^ROLE: clerk, ID: [0-9]+, ACTION: Created Role$", 3),
        ("^ROLE: book keeper, ID: [0-9]+, ACTION: Updated Role$", 3),
        ("^ROLE: book keeper, ACTION: Deleted Role$", 3),
        ("", 9),
    ] {
        assert_eq!(app.number(&format!("{log} '{message}'")).await, times, "{message}");
    }
    assert_eq!(root.get("user/current").await.json()["response"]["changeLogCount"], 9);
}

#[tokio::test]
async fn a_role_is_made_changed_and_removed_by_number() {
    let app = TestApp::start().await;
    let root = app.administrator().await;
    for version in UP_TO_3 {
        let root = root.in_version(version);
        let body = json!({ "name": "clerk", "description": "Keeps the books", "privLevel": 12 });
        let made = root.post("roles", body).await;
        made.says("role was created.");
        let id = made.json()["response"]["id"].as_i64().unwrap();
        let shown = json!({ "id": id, "name": "clerk", "description": "Keeps the books", "privLevel": 12,
            "capabilities": null });
        assert_eq!(made.json()["response"].to_string(), shown.to_string(), "{version}");

        let body = json!({ "name": "clerk", "description": "Keeps the books", "privLevel": 12,
            "capabilities": ["USER:READ"] });
        root.put(&format!("roles?id={id}"), body).await.says("role was updated.");
        let body = json!({ "name": "teller", "description": "Counts", "privLevel": 12 });
        let changed = root.put(&format!("roles?id={id}"), body).await.json();
        assert_eq!(changed["response"]["capabilities"], json!(["USER:READ"]), "left out stays");
        let body = json!({ "name": "teller", "description": "Counts", "privLevel": 12, "capabilities": [] });
        let changed = root.put(&format!("roles?id={id}"), body).await.json();
        assert_eq!(changed["response"]["capabilities"], json!([]), "an empty list clears");
        root.delete(&format!("roles?id={id}")).await.says("role was deleted.");
        root.delete(&format!("roles?id={id}")).await.refuses(404, "role not found");
    }
}

#[tokio::test]
async fn what_a_role_must_have_is_said_in_one_sentence() {
    let app = TestApp::start().await;
    let root = app.administrator().await;
    let blank = "'name' cannot be blank, 'description' cannot be blank";
    root.post("roles", json!({})).await.refuses(400, blank);
    root.in_version("4.0").put("roles?name=portal", json!({})).await.refuses(400, blank);
    let old = root.in_version("3.1");
    let body = json!({ "capabilities": ["NO:SUCH", "USER:READ", "NOR:THIS"] });
    let unknown = "can not add non-existent capabilities: [NO:SUCH NOR:THIS]";
    old.post("roles", body).await.refuses(400, &format!("{blank}, 'privLevel' is required, {unknown}"));
    root.post("roles", json!({ "name": 5 })).await.refuses(400, "name: must be a text");
    let body = json!({ "name": "x", "description": "x", "permissions": "USER:READ" });
    root.post("roles", body).await.refuses(400, "permissions: must be a list of texts");
    let body = json!({ "name": "x", "description": "x", "permissions": ["USER:READ", ""] });
    root.post("roles", body).await.refuses(400, "'permissions': a name cannot be blank");

    let named = "required parameters missing: missing required parameters: name";
    root.put("roles", clerk()).await.refuses(400, named);
    root.delete("roles").await.refuses(400, named);
    let body = json!({ "name": "x", "description": "x", "privLevel": 1 });
    old.put("roles", body.clone()).await.refuses(400, "missing key: id");
    old.put("roles?id=x", body.clone()).await.refuses(400, "failed to parse key: id");
    old.put("roles?id=999", body).await.refuses(404, "role not found");
    root.put("roles?name=nobody", clerk()).await.refuses(404, "no such role");
    root.post("roles", json!({ "name": "portal", "description": "x" })).await.refuses(400, PORTAL_EXISTS);
    root.post("roles", clerk()).await;
    let body = json!({ "name": "portal", "description": "x" });
    root.put("roles?name=clerk", body).await.refuses(400, PORTAL_EXISTS);
}

const PORTAL_EXISTS: &str = "role name 'portal' already exists.";

#[tokio::test]
async fn the_administrators_role_and_roles_that_people_have_stay() {
    let app = TestApp::start().await;
    let root = app.administrator().await;
    app.has(account("reader")).await;
    let immutable = "the 'admin' Role cannot be deleted or modified";
    let body = json!({ "name": "admin", "description": "x", "permissions": [] });
    root.put("roles?name=admin", body).await.refuses(400, immutable);
    root.delete("roles?name=admin").await.refuses(400, immutable);
    root.delete("roles?name=read-only").await.refuses(400, "can not delete a role with 1 assigned users");
    let old = root.in_version("3.0");
    let body = json!({ "name": "admin", "description": "x", "privLevel": 30 });
    old.put("roles?id=2", body).await.refuses(400, immutable);
    old.delete("roles?id=2").await.refuses(400, "can not delete a role with 1 assigned users");
    app.sql("UPDATE role SET name = 'chief' WHERE name = 'admin'").await;
    app.sql("INSERT INTO role (name, description, priv_level) VALUES ('admin', 'x', 30)").await;
    let chief = holder_of(&app, "keeper", &["ROLE:READ", "ROLE:DELETE"]).await;
    let id = app.number("SELECT id FROM role WHERE name = 'admin'").await;
    chief.in_version("3.0").delete(&format!("roles?id={id}")).await.refuses(400, immutable);
}

#[tokio::test]
async fn nobody_makes_changes_or_removes_a_role_beyond_their_own() {
    let app = TestApp::start().await;
    let keeper =
        holder_of(&app, "keeper", &["ROLE:READ", "ROLE:CREATE", "ROLE:UPDATE", "ROLE:DELETE", "A", "B"])
            .await;
    let lacks = |names: &str| {
        format!("cannot request more than assigned permissions, current user needs {names} permissions")
    };
    let role = |name: &str, permissions: &[&str]| json!({ "name": name, "description": "x", "permissions": permissions });
    keeper.post("roles", role("c", &["Y", "A", "X"])).await.refuses(403, &lacks("X,Y"));
    assert_eq!(keeper.post("roles", role("a", &["A"])).await.status, 201);
    keeper.put("roles?name=a", role("a", &["A", "X"])).await.refuses(403, &lacks("X"));
    keeper.put("roles?name=a", role("a", &["B"])).await.says("role was updated.");

    app.sql("INSERT INTO role_capability (role_id, cap_name) SELECT id, 'X' FROM role WHERE name = 'a'")
        .await;
    keeper.put("roles?name=a", role("a", &["A"])).await.refuses(403, &lacks("X"));
    keeper.delete("roles?name=a").await.refuses(403, &lacks("X"));
    let id = app.number("SELECT id FROM role WHERE name = 'a'").await;
    let old = keeper.in_version("3.1");
    let body = json!({ "name": "a", "description": "x", "privLevel": 1 });
    old.put(&format!("roles?id={id}"), body).await.refuses(403, &lacks("X"));
    old.delete(&format!("roles?id={id}")).await.refuses(403, &lacks("X"));
    app.sql("DELETE FROM role_capability WHERE cap_name = 'X'").await;
    keeper.delete("roles?name=a").await.says("role was deleted.");
}

#[tokio::test]
async fn a_changed_role_is_felt_at_the_next_request() {
    let app = TestApp::start().await;
    let root = app.administrator().await;
    let clerk = holder_of(&app, "clerk", &["TENANT:READ"]).await;
    assert_eq!(clerk.get("tenants").await.status, 200);
    clerk.get("roles").await.refuses(403, "missing required Permissions: ROLE:READ");
    let body = json!({ "name": "clerk", "description": "x", "permissions": ["ROLE:READ"] });
    root.put("roles?name=clerk", body).await.says("role was updated.");
    for version in ["3.0", "5.0"] {
        let clerk = clerk.in_version(version);
        clerk.get("tenants").await.refuses(403, "missing required Permissions: TENANT:READ");
        assert_eq!(clerk.get("roles").await.status, 200);
    }
}

#[tokio::test]
async fn a_level_is_bounded_by_ones_own_and_follows_from_what_a_role_grants() {
    let app = TestApp::start().await;
    let root = app.administrator().await;
    let keeper = holder_of(&app, "keeper", &["ROLE:READ", "ROLE:CREATE", "ROLE:UPDATE"]).await;
    let old = keeper.in_version("3.1");
    let body = |level| json!({ "name": "clerk", "description": "x", "privLevel": level });
    let higher = "can not create a role with a higher priv level than your own";
    old.post("roles", body(16)).await.refuses(400, higher);
    let made = old.post("roles", body(15)).await;
    let id = made.says("role was created.").json()["response"]["id"].as_i64().unwrap();
    old.put(&format!("roles?id={id}"), body(16)).await.refuses(403, higher);

    let level =
        async |name: &str| app.number(&format!("SELECT priv_level FROM role WHERE name = '{name}'")).await;
    let reading = ["USER:READ", "ROLE:READ", "TENANT:READ"];
    let role = |name: &str, permissions: &[&str]| json!({ "name": name, "description": "x", "permissions": permissions });
    root.post("roles", role("reads", &reading)).await;
    root.post("roles", role("nothing", &["ROLE:READ"])).await;
    assert_eq!([level("reads").await, level("nothing").await], [10, 0], "not the administrator's 30");
    root.put("roles?name=reads", role("reads", &["ROLE:READ"])).await;
    assert_eq!(level("reads").await, 0);
    root.put("roles?name=clerk", json!({ "name": "clerk", "description": "y" })).await;
    assert_eq!(level("clerk").await, 15, "what it grants did not change");
}

#[tokio::test]
async fn no_new_role_can_be_taken_for_another_and_what_is_there_keeps_its_name() {
    let app = TestApp::start().await;
    let root = app.administrator().await;
    app.sql("INSERT INTO role (name, description, priv_level) VALUES ('Old  Clerk', 'Came along', 0)").await;
    let called = |name: &str| json!({ "name": name, "description": "x", "privLevel": 0, "permissions": [] });
    for version in VERSIONS {
        let root = root.in_version(version);
        for name in ["ADMIN", "Portal", "DISALLOWED"] {
            let taken = format!("role name '{name}' already exists.");
            root.post("roles", called(name)).await.refuses(400, &taken);
        }
        for name in ["admin ", " admin", "ad\u{200b}min", "\u{ff41}dmin", "old  clerk"] {
            let text = root.post("roles", called(name)).await.refused_with(400);
            assert!(
                text.starts_with("'name' must be made of letters and digits"),
                "{version} {name:?}: {text}"
            );
        }
    }
    root.put("roles?name=portal", called("Admin")).await.refuses(400, "role name 'Admin' already exists.");
    root.put("roles?name=portal", called("portal ")).await.refused_with(400);
    let kept = root.put("roles?name=Old%20%20Clerk", called("Old  Clerk")).await;
    assert_eq!(kept.status, 200, "{}", kept.text());
    let recased = root.put("roles?name=portal", called("Portal")).await;
    assert_eq!(recased.status, 200, "a role may change the case of its own name: {}", recased.text());
}
