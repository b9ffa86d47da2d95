//! Requests about roles and tenants that the original's server breaks at (number 20).

use serde_json::json;

use crate::support::{SINCE_4, TestApp, VERSIONS};

#[tokio::test]
async fn defect_20_can_finds_the_roles_that_grant_a_permission() {
    let app = TestApp::start().await;
    let root = app.administrator().await;
    for version in SINCE_4 {
        let found = root.in_version(version).get("roles?can=USER:CREATE").await;
        assert_eq!(found.listed("name"), ["admin", "operations"], "{version}");
    }
}

#[tokio::test]
async fn defect_20_no_query_is_a_defect_of_the_server() {
    let app = TestApp::start().await;
    let root = app.administrator().await;
    for version in VERSIONS {
        let root = root.in_version(version);
        for list in ["roles", "tenants"] {
            assert_eq!(root.get(&format!("{list}?orderby=capability")).await.status, 200, "{version} {list}");
            root.get(&format!("{list}?limit=-1&page=2")).await.refused_with(400);
            root.get(&format!("{list}?name=a%00b")).await.refused_with(400);
        }
        root.get("tenants?active=maybe").await.refused_with(400);
        root.get("tenants?parent_name=%00").await.refused_with(400);
    }
    for version in SINCE_4 {
        root.in_version(version).get("roles?can=%00").await.refused_with(400);
        root.in_version(version).delete("roles?name=%00").await.refused_with(400);
    }
}

#[tokio::test]
async fn defect_20_a_permission_that_is_named_twice_counts_once() {
    let app = TestApp::start().await;
    let root = app.administrator().await;
    for version in SINCE_4 {
        let root = root.in_version(version);
        let twice = json!({ "name": "clerk", "description": "x", "permissions": ["B", "A", "B", "A"] });
        let made = root.post("roles", twice.clone()).await;
        assert_eq!((made.status, &made.json()["response"]["permissions"]), (201, &json!(["B", "A"])));
        let changed = root.put("roles?name=clerk", twice).await;
        assert_eq!((changed.status, &changed.json()["response"]["permissions"]), (200, &json!(["B", "A"])));
        root.delete("roles?name=clerk").await.says("role was deleted.");
    }
}

#[tokio::test]
async fn defect_20_a_nul_in_a_text_is_a_bad_request() {
    let app = TestApp::start().await;
    let root = app.administrator().await;
    for version in VERSIONS {
        let root = root.in_version(version);
        let role = json!({ "name": "a\0b", "description": "\0", "privLevel": 1 });
        let nul = "'name' cannot contain control characters, 'description' cannot contain control characters";
        root.post("roles", role).await.refuses(400, nul);
        let field = if version.starts_with('3') { "capabilities" } else { "permissions" };
        let mut role = json!({ "name": "a", "description": "x", "privLevel": 1 });
        role[field] = json!(["USER:READ", "A\0B"]);
        let nul = format!("'{field}': a name cannot contain control characters");
        root.post("roles", role).await.refuses(400, &nul);
        let tenant = json!({ "name": "a\0b", "active": true, "parentId": 1 });
        root.post("tenants", tenant.clone()).await.refuses(400, "'name' cannot contain control characters");
        root.put("tenants/2", tenant).await.refuses(400, "'name' cannot contain control characters");
    }
}

#[tokio::test]
async fn defect_20_the_root_tenant_stays_whatever_it_is_to_be_called() {
    let app = TestApp::start().await;
    let root = app.administrator().await;
    let immutable = "trying to change the root tenant, which is immutable";
    for version in VERSIONS {
        let root = root.in_version(version);
        for (path, name, parent) in
            [("tenants/1", "root", 2), ("tenants/1", "stem", 2), ("tenants/2", "root", 1)]
        {
            let body = json!({ "name": name, "active": true, "parentId": parent });
            root.put(path, body).await.refuses(400, immutable);
        }
    }
}
