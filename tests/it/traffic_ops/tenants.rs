//! Tenants: shown, made, moved and removed, within the reach of those who do it.

use latchkey::service::Newcomer;
use serde_json::{Value, json};

use crate::{
    buddha_jones::program,
    support::{PASSWORD, TestApp, VERSIONS, account},
};

/// root → north → far, and root → south, all active; numbers 3, 4, 5.
async fn grow(app: &TestApp) {
    app.sql(
        "INSERT INTO tenant (id, name, active, parent_id) \
         VALUES (3, 'north', true, 1), (4, 'far', true, 3), (5, 'south', true, 1); \
         SELECT setval('tenant_id_seq', 5); UPDATE tenant SET last_updated = '2026-01-02T03:04:05.06Z'",
    )
    .await;
}

#[tokio::test]
async fn each_version_shows_tenants_in_its_own_shape() {
    let app = TestApp::start().await;
    grow(&app).await;
    let reader = app.signed_in(account("reader")).await;
    for version in VERSIONS {
        let time = if version == "5.0" { "2026-01-02T03:04:05.06Z" } else { "2026-01-02 03:04:05+00" };
        let shown = json!([
            { "id": 3, "name": "north", "active": true, "lastUpdated": time, "parentId": 1, "parentName": "root" },
            { "id": 1, "name": "root", "active": true, "lastUpdated": time, "parentId": null }
        ]);
        let answer = reader.in_version(version).get("tenants?orderby=name&limit=2&offset=1").await;
        assert_eq!(answer.json()["response"].to_string(), shown.to_string(), "{version}");
    }
}

#[tokio::test]
async fn a_list_holds_ones_own_tenant_and_all_below_even_if_it_sleeps() {
    let app = TestApp::start().await;
    grow(&app).await;
    let northerner = app.signed_in(Newcomer { tenant: "north".into(), ..account("northerner") }).await;
    assert_eq!(northerner.get("tenants").await.listed("name"), ["far", "north"]);
    assert_eq!(northerner.get("tenants?name=south").await.listed("name"), [""; 0]);
    app.sql("UPDATE tenant SET active = false WHERE name = 'north'").await;
    assert_eq!(northerner.get("tenants").await.listed("name"), ["far", "north"]);
}

#[tokio::test]
async fn filters_narrow_a_list_of_tenants_down() {
    let app = TestApp::start().await;
    grow(&app).await;
    app.sql("UPDATE tenant SET active = false WHERE name = 'far'").await;
    let reader = app.signed_in(account("reader")).await;
    for version in VERSIONS {
        let reader = reader.in_version(version);
        for (query, found) in [
            ("active=false", &["far"][..]),
            ("active=0", &["far"]),
            ("id=5", &["south"]),
            ("name=north", &["north"]),
            ("parent_id=1", &["north", "south", "unassigned"]),
            ("parent_name=north", &["far"]),
            ("parent_id=1&active=true&name=south", &["south"]),
            ("parentId=3&limit=1", &["far"]),
            ("orderby=id&sortOrder=desc&limit=2", &["south", "far"]),
            ("orderby=parent_name&limit=1", &["far"]),
            ("orderby=parent_id&sortOrder=desc&limit=2", &["root", "far"]),
            ("orderby=active&limit=1", &["far"]),
        ] {
            assert_eq!(
                reader.get(&format!("tenants?{query}")).await.listed("name"),
                found,
                "{version} {query}"
            );
        }
        let front = if version == "5.0" { "read tenant: get tenant: " } else { "" };
        for (query, text) in [
            ("id=x", "id cannot parse to integer"),
            ("parent_id=x", "parent_id cannot parse to integer"),
            ("limit=-2", "limit parameter must be bigger than -1"),
            ("limit=1&offset=0", "offset parameter must be a positive integer"),
            ("limit=1&page=0", "page parameter must be a positive integer"),
        ] {
            reader.get(&format!("tenants?{query}")).await.refuses(400, &format!("{front}{text}"));
        }
    }
}

#[tokio::test]
async fn a_tenant_is_made_changed_and_removed() {
    let app = TestApp::start().await;
    grow(&app).await;
    let root = app.administrator().await;
    for version in VERSIONS {
        let root = root.in_version(version);
        let time = if version == "5.0" { "2026-11-21T12:00:00Z" } else { "2026-11-21 12:00:00+00" };
        let made = root.post("tenants", json!({ "name": "east", "active": true, "parentId": 3 })).await;
        let id = made.says("tenant was created.").json()["response"]["id"].as_i64().unwrap();
        let shown = |name: &str, active: bool, parent: i64| json!({ "id": id, "name": name, "active": active, "lastUpdated": time, "parentId": parent });
        assert_eq!(made.json()["response"].to_string(), shown("east", true, 3).to_string(), "{version}");
        let moved =
            json!({ "name": "west", "active": false, "parentId": 5, "parentName": "north", "id": 77 });
        let moved = root.put(&format!("tenants/{id}"), moved).await;
        let mut wanted = shown("west", false, 5);
        wanted["parentName"] = "south".into();
        assert_eq!(moved.says("tenant was updated.").json()["response"].to_string(), wanted.to_string());
        root.delete(&format!("tenants/{id}")).await.says("tenant was deleted.");
        assert_eq!(root.get("tenants?name=west").await.listed("name"), [""; 0]);
    }
    for (message, times) in [
        ("^TENANT: east, ID: [0-9]+, ACTION: Created tenant$", 5),
        ("^TENANT: west, ID: [0-9]+, ACTION: Updated tenant$", 5),
        ("^TENANT: ID: [0-9]+, ACTION: Deleted tenant$", 5),
        ("", 15),
    ] {
        let count = app.number(&format!("SELECT count(*) FROM log WHERE message ~ '{message}'")).await;
        assert_eq!(count, times, "{message}");
    }
}

#[tokio::test]
async fn when_a_tenant_is_put_to_sleep_its_people_are_signed_out() {
    let app = TestApp::start().await;
    grow(&app).await;
    let admin = app.administrator().await;
    let of = |tenant: &str, name: &str| Newcomer { tenant: tenant.into(), ..account(name) };
    let northerner = app.signed_in(of("north", "northerner")).await;
    let hermit = app.signed_in(of("far", "hermit")).await;
    let southerner = app.signed_in(of("south", "southerner")).await;
    let token = program::signs_in(&app, "hermit", PASSWORD).await;
    admin.put("tenants/3", json!({ "name": "north", "active": false, "parentId": 1 })).await.succeeds();
    for locked_out in [&northerner, &hermit] {
        locked_out.get("user/current").await.refused_with(401);
    }
    assert!(!program::lives(&app, &token).await);
    southerner.get("user/current").await.succeeds();
    admin.put("tenants/3", json!({ "name": "north", "active": true, "parentId": 1 })).await.succeeds();
    northerner.get("user/current").await.refused_with(401);
}

#[tokio::test]
async fn what_a_tenant_must_have_is_said_in_one_sentence() {
    let app = TestApp::start().await;
    grow(&app).await;
    let root = app.administrator().await;
    for version in VERSIONS {
        let root = root.in_version(version);
        for (body, text) in [
            (json!({}), "'name' cannot be blank, 'parentId' cannot be blank"),
            (json!({ "name": "x", "parentId": 0 }), "'parentId' cannot be blank"),
            (json!({ "name": "x", "parentId": -1 }), "'parentId' must be no less than 1"),
            (json!({ "name": "x", "parentId": "1" }), "parentId: must be a whole number"),
            (json!({ "name": "x", "parentId": 1, "active": 1 }), "active: must be true or false"),
        ] {
            root.post("tenants", body.clone()).await.refuses(400, text);
            root.put("tenants/3", body).await.refuses(400, text);
        }
        let taken = json!({ "name": "south", "active": true, "parentId": 1 });
        root.post("tenants", taken.clone()).await.refuses(400, "tenant name 'south' already exists.");
        root.put("tenants/3", taken).await.refuses(400, "tenant name 'south' already exists.");
    }
    let odd = json!({ "name": "far away", "active": true, "parentId": 1 });
    let rule = "'name' must consist of only alphanumeric, dash, or underscore characters";
    root.post("tenants", odd.clone()).await.refuses(400, rule);
    root.in_version("4.1").post("tenants", odd).await.says("tenant was created.");
}

#[tokio::test]
async fn no_tenant_hangs_under_itself() {
    let app = TestApp::start().await;
    grow(&app).await;
    let root = app.administrator().await;
    for version in VERSIONS {
        for parent in [3, 4] {
            let body = json!({ "name": "north", "active": true, "parentId": parent });
            let answer = root.in_version(version).put("tenants/3", body).await;
            answer.refuses(400, "trying to set existing child as new parent");
        }
    }
}

#[tokio::test]
async fn two_moves_at_once_make_no_ring() {
    let app = TestApp::start().await;
    grow(&app).await;
    let root = app.administrator().await;
    for _ in 0..10 {
        app.sql("UPDATE tenant SET parent_id = 1 WHERE id IN (3, 5)").await;
        let move_to = |name: &str, parent: i64| json!({ "name": name, "active": true, "parentId": parent });
        let north_under_south = root.put("tenants/3", move_to("north", 5));
        let south_under_north = root.put("tenants/5", move_to("south", 3));
        let (first, second) = tokio::join!(north_under_south, south_under_north);
        let mut statuses = [first.status, second.status];
        statuses.sort_unstable();
        assert_eq!(statuses, [200, 400]);
    }
}

#[tokio::test]
async fn what_belongs_to_a_tenant_keeps_it() {
    let app = TestApp::start().await;
    grow(&app).await;
    let root = app.administrator().await;
    app.has(Newcomer { tenant: "far".into(), ..account("hermit") }).await;
    for version in VERSIONS {
        let root = root.in_version(version);
        let keep =
            |id: i64, what: &str| format!("Tenant '{id}' has {what}. Please update these {what} and retry.");
        root.delete("tenants/3").await.refuses(400, &keep(3, "child tenants"));
        root.delete("tenants/4").await.refuses(400, &keep(4, "users"));
        root.delete("tenants/1").await.refuses(400, &keep(1, "child tenants"));
    }
    app.sql(
        "CREATE TABLE deliveryservice (tenant_id bigint REFERENCES tenant (id)); \
         CREATE TABLE pigeonhole (tenant_id bigint REFERENCES tenant (id)); \
         INSERT INTO deliveryservice VALUES (5)",
    )
    .await;
    let kept = "Tenant '5' has deliveryservices. Please update these deliveryservices and retry.";
    root.delete("tenants/5").await.refuses(400, kept);
    app.sql("DELETE FROM deliveryservice; INSERT INTO pigeonhole VALUES (5)").await;
    let kept = "Tenant '5' has pigeonhole. Please update these pigeonhole and retry.";
    root.delete("tenants/5").await.refuses(400, kept);
}

#[tokio::test]
async fn tenants_are_changed_only_below_ones_own() {
    let app = TestApp::start().await;
    grow(&app).await;
    let newcomer = Newcomer { role: "operations".into(), tenant: "north".into(), ..account("northerner") };
    let northerner = app.signed_in(newcomer).await;
    let out = "not authorized on this tenant";
    let tenant =
        |name: &str, parent: i64| -> Value { json!({ "name": name, "active": true, "parentId": parent }) };
    for version in VERSIONS {
        let northerner = northerner.in_version(version);
        for parent in [1, 5, 999] {
            northerner.post("tenants", tenant("new", parent)).await.refuses(403, out);
            northerner.put("tenants/4", tenant("far", parent)).await.refuses(403, out);
        }
        northerner.put("tenants/5", tenant("south", 3)).await.refuses(403, out);
        northerner.put("tenants/3", tenant("north", 1)).await.refuses(403, out);
        northerner.delete("tenants/5").await.refuses(403, out);
        northerner.put("tenants/4", tenant("far", 3)).await.says("tenant was updated.");
    }
    app.sql("UPDATE tenant SET active = false WHERE name = 'root'").await;
    northerner.put("tenants/4", tenant("far", 3)).await.refuses(403, out);
    northerner.delete("tenants/4").await.refuses(403, out);
}

#[tokio::test]
async fn a_tenant_that_is_not_there_is_missing_in_the_version_s_words() {
    let app = TestApp::start().await;
    let root = app.administrator().await;
    let body = json!({ "name": "x", "active": true, "parentId": 1 });
    for version in VERSIONS {
        let root = root.in_version(version);
        let (missing, bad_id) = match version {
            "5.0" => ((404, "no tenant found with this id"), "couldn't convert ID into a numeric value"),
            _ => ((403, "not authorized on this tenant"), "failed to parse key: id"),
        };
        root.put("tenants/999", body.clone()).await.refuses(missing.0, missing.1);
        root.put("tenants/abc", body.clone()).await.refuses(400, bad_id);
        root.put("tenants/99999999999999999999", body.clone()).await.refuses(400, bad_id);
    }
}
