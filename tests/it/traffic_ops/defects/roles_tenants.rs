//! Roles and tenants: what is said, what is stored, what carries power.

use serde_json::json;

use crate::{
    support::{SINCE_4, TestApp, UP_TO_3, VERSIONS, with_role},
    traffic_ops::program::{holder_of, refuse_at_commit},
};

#[tokio::test]
async fn defect_02_a_role_made_by_an_administrator_carries_no_hidden_power() {
    let app = TestApp::start().await;
    let root = app.administrator().await;
    let made = root.post("roles", json!({ "name": "nothing", "description": "May do nothing" })).await;
    assert_eq!(made.status, 201);
    let nobody = app.signed_in(with_role("nobody", "nothing")).await;
    let shown = root.in_version("3.1").get("roles?name=nothing").await.json();
    assert_eq!(shown["response"][0]["privLevel"], 0);
    for level in [0, 30] {
        app.sql(&format!("UPDATE role SET priv_level = {level} WHERE name = 'nothing'")).await;
        for version in VERSIONS {
            let nobody = nobody.in_version(version);
            let (old, body) =
                (version.starts_with('3'), json!({ "name": "x", "description": "x", "privLevel": 1 }));
            let key = if old { "id=6" } else { "name=portal" };
            for answer in [
                nobody.get("roles").await,
                nobody.post("roles", body.clone()).await,
                nobody.put(&format!("roles?{key}"), body).await,
                nobody.delete(&format!("roles?{key}")).await,
                nobody.get("tenants").await,
                nobody.post("tenants", json!({ "name": "x", "parentId": 1 })).await,
                nobody.put("tenants/2", json!({ "name": "x", "parentId": 1 })).await,
                nobody.delete("tenants/2").await,
            ] {
                assert_eq!(answer.status, 403, "{version}: {}", answer.text());
                assert!(answer.text().starts_with("missing required Permissions: "), "{}", answer.text());
            }
        }
        let own = json!({ "user": { "role": 2 } });
        assert_ne!(nobody.in_version("3.1").put("user/current", own).await.status, 200);
    }
}

#[tokio::test]
async fn defect_13_no_type_names_and_no_input_in_what_is_said_of_unreadable_requests() {
    let app = TestApp::start().await;
    let root = app.administrator().await;
    for version in VERSIONS {
        let root = root.in_version(version);
        for (method, path, body) in [
            ("POST", "roles", "{"),
            ("POST", "roles", r#"{"name":{}}"#),
            ("POST", "tenants", "[]"),
            ("POST", "tenants", r#"{"active":"SECRET"}"#),
            ("PUT", "tenants/SECRET", r#"{"name":"x","active":true,"parentId":1}"#),
            ("PUT", "tenants/2", r#"{"name":"x","active":true,"parentId":1.5}"#),
            ("GET", "tenants?id=SECRET", ""),
            ("DELETE", "tenants/SECRET", ""),
        ] {
            let body = Some(body.to_owned()).filter(|body| !body.is_empty());
            let text = root.send(method, path, body).await.refused_with(400);
            for leak in ["SECRET", "struct", "unmarshal", "Tenant", "strconv", "sql", "pq:"] {
                assert!(!text.contains(leak), "{version} {method} {path}: {text}");
            }
        }
    }
}

#[tokio::test]
async fn defect_17_removing_a_tenant_that_is_not_there_is_404_and_a_bad_id_400() {
    let app = TestApp::start().await;
    let root = app.administrator().await;
    root.delete("tenants/999").await.refuses(404, "no tenant found with this id");
    root.delete("tenants/abc").await.refuses(400, "couldn't convert ID into a numeric value");
    for version in ["3.0", "3.1", "4.0", "4.1"] {
        let root = root.in_version(version);
        root.delete("tenants/999").await.refuses(403, "not authorized on this tenant");
        root.delete("tenants/abc").await.refuses(400, "failed to parse key: id");
    }
}

#[tokio::test]
async fn defect_18_removing_a_role_that_is_not_there_is_404() {
    let app = TestApp::start().await;
    let root = app.administrator().await;
    for version in SINCE_4 {
        root.in_version(version).delete("roles?name=nobody").await.refuses(404, "no such role");
    }
    for version in UP_TO_3 {
        root.in_version(version).delete("roles?id=999").await.refuses(404, "role not found");
    }
}

#[tokio::test]
async fn defect_23_a_field_that_is_missing_is_named_and_a_new_tenant_sleeps_until_told_otherwise() {
    let app = TestApp::start().await;
    let root = app.administrator().await;
    for version in VERSIONS {
        let root = root.in_version(version);
        let silent = json!({ "name": "quiet", "parentId": 1 });
        let made = root.post("tenants", silent.clone()).await;
        assert_eq!(made.says("tenant was created.").json()["response"]["active"], false);
        let id = made.json()["response"]["id"].as_i64().unwrap();
        root.put(&format!("tenants/{id}"), silent).await.refuses(400, "active is a required field");
        root.delete(&format!("tenants/{id}")).await.says("tenant was deleted.");
    }
}

#[tokio::test]
async fn defect_24_dates_are_in_gmt_and_an_echoed_one_spares_the_list() {
    let app = TestApp::start().await;
    app.sql("UPDATE role SET last_updated = '2026-11-20T10:00:00.999999Z'").await;
    app.sql(&format!("ALTER DATABASE {} SET timezone = 'Asia/Kolkata'", app.url.rsplit('/').next().unwrap()))
        .await;
    // Connections from now on have that time zone.
    let app = TestApp::on(app.url.clone(), |_| {}).await;
    app.sql("UPDATE tenant SET last_updated = '2026-11-20T10:00:00Z'").await;
    let root = app.administrator().await;
    let date = root.get("roles").await.headers["last-modified"].to_str().unwrap().to_owned();
    assert_eq!(date, "Fri, 20 Nov 2026 10:00:00 GMT");
    assert_eq!(root.with("If-Modified-Since", &date).get("roles").await.status, 304);
    for (version, time) in [("3.1", "2026-11-20 10:00:00+00"), ("5.0", "2026-11-20T10:00:00Z")] {
        let shown = root.in_version(version).get("tenants?id=1").await.json();
        assert_eq!(shown["response"][0]["lastUpdated"], time);
    }
}

#[tokio::test]
async fn defect_26_a_name_may_end_in_json() {
    let app = TestApp::start().await;
    let root = app.administrator().await;
    for version in SINCE_4 {
        let root = root.in_version(version);
        root.post("roles", json!({ "name": "portal.json", "description": "x" })).await;
        let found = root.get("roles?name=portal.json").await.json();
        assert_eq!(found["response"][0]["name"], "portal.json");
        root.delete("roles?name=portal.json").await.says("role was deleted.");
        assert_eq!(root.get("roles?name=portal").await.json()["response"][0]["name"], "portal");
    }
    root.put("tenants/2.json", json!({})).await.refused_with(400);
}

#[tokio::test]
async fn defect_28_several_broken_rules_are_told_in_one_order() {
    let app = TestApp::start().await;
    let root = app.administrator().await;
    for _ in 0..20 {
        let text = "'name' cannot be blank, 'description' cannot be blank, 'privLevel' is required";
        root.in_version("3.1").post("roles", json!({})).await.refuses(400, text);
    }
}

#[tokio::test]
async fn defect_31_nothing_is_called_done_before_it_is_stored() {
    let app = TestApp::start().await;
    let root = app.administrator().await;
    refuse_at_commit(&app, &["role", "tenant"]).await;
    let (role, tenant) =
        (json!({ "name": "x", "description": "x" }), json!({ "name": "x", "active": true, "parentId": 1 }));
    for answer in [
        root.post("roles", role.clone()).await,
        root.put("roles?name=portal", role).await,
        root.delete("roles?name=portal").await,
        root.post("tenants", tenant.clone()).await,
        root.put("tenants/2", tenant).await,
        root.delete("tenants/2").await,
    ] {
        answer.refuses(500, "Internal Server Error");
    }
    assert_eq!(app.number("SELECT count(*) FROM log").await, 0);
    assert_eq!(app.number("SELECT count(*) FROM role WHERE name = 'portal'").await, 1);
}

#[tokio::test]
async fn defect_32_a_level_that_is_sent_is_stored_and_a_new_role_has_a_place() {
    let app = TestApp::start().await;
    let root = app.administrator().await;
    let old = root.in_version("3.1");
    let body = |level: i64| json!({ "name": "clerk", "description": "x", "privLevel": level });
    let made = old.post("roles", body(7)).await;
    let id = made.says("role was created.").json()["response"]["id"].as_i64().unwrap();
    old.put(&format!("roles?id={id}"), body(9)).await.says("role was updated.");
    assert_eq!(old.get("roles?name=clerk").await.json()["response"][0]["privLevel"], 9);
    let made = root.post("roles", json!({ "name": "a & b", "description": "x" })).await;
    let place = made.headers["location"].to_str().unwrap();
    assert_eq!(root.get(place).await.json()["response"][0]["name"], "a & b");
}

#[tokio::test]
async fn defect_36_names_that_mean_something_can_not_be_taken_or_lost() {
    let app = TestApp::start().await;
    let root = app.administrator().await;
    let kept = "the 'disallowed' Role cannot be deleted or renamed";
    root.put("roles?name=disallowed", json!({ "name": "welcome", "description": "x" }))
        .await
        .refuses(400, kept);
    root.delete("roles?name=disallowed").await.refuses(400, kept);
    root.in_version("3.0").delete("roles?id=5").await.refuses(400, kept);

    let keeper = holder_of(&app, "keeper", &["ROLE:READ", "ROLE:CREATE", "ROLE:UPDATE"]).await;
    app.sql("UPDATE role SET name = 'chief' WHERE name = 'admin'").await;
    let lacks = "cannot request more than assigned permissions, current user needs ALL permissions";
    let admin = json!({ "name": "admin", "description": "x", "permissions": [] });
    keeper.post("roles", admin.clone()).await.refuses(403, lacks);
    keeper.put("roles?name=trouter", admin).await.refuses(403, lacks);
}
