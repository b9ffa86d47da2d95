//! Conditional requests: nothing is sent twice, and nobody writes over what they have not seen.

use serde_json::json;

use crate::support::{Client, TestApp, VERSIONS};

/// An administrator, in a database whose rows are older than the test's clock.
async fn scene() -> (TestApp, Client) {
    let app = TestApp::start().await;
    app.sql(
        "UPDATE role SET last_updated = '2026-11-20T10:00:00.5Z'; \
         UPDATE tenant SET last_updated = '2026-11-20T10:00:00.5Z'",
    )
    .await;
    let root = app.administrator().await;
    app.sql("UPDATE tm_user SET last_updated = '2026-11-20T10:00:00.25Z'").await;
    (app, root)
}

const LONG_AGO: &str = "Fri, 20 Nov 2026 10:00:00 GMT";

#[tokio::test]
async fn an_echoed_date_or_tag_spares_the_body_and_keeps_the_session() {
    let (_app, root) = scene().await;
    for version in VERSIONS {
        for list in ["roles", "tenants"] {
            let root = root.in_version(version);
            let whole = root.get(list).await;
            assert_eq!(whole.headers["last-modified"], LONG_AGO, "{version} {list}");
            let tag = whole.headers["etag"].to_str().unwrap();
            for (name, value) in [("If-Modified-Since", LONG_AGO), ("If-None-Match", tag)] {
                let spared = root.with(name, value).get(list).await;
                assert_eq!(spared.status, 304, "{version} {list} {name}");
                assert!(spared.body.is_empty() && spared.cookie("mojolicious").is_some());
                assert!(!spared.headers.contains_key("content-type"));
                assert!(!spared.headers.contains_key("content-length"));
                let of_nothing = "z4PhNX7vuL3xVChQ1m2AB9Yg5AULVxXcg/SpIdNs6c5H0NE8XYXysP+DGNKHfuwvY7kxvUdBeoGlODJ6+SfaPg==";
                assert_eq!(spared.headers["whole-content-sha512"], of_nothing);
                assert_eq!(spared.headers["etag"].to_str().unwrap(), tag);
            }
        }
    }
}

#[tokio::test]
async fn an_older_or_unreadable_date_gets_the_list() {
    let (_app, root) = scene().await;
    for (date, status) in [
        ("Fri, 20 Nov 2026 09:59:59 GMT", 200),
        ("Fri, 20 Nov 2026 10:00:01 UTC", 304),
        ("Friday, 20-Nov-26 10:00:00 GMT", 304),
        ("Fri Nov 20 10:00:00 2026", 304),
        ("Mon, 01 Jan 2035 00:00:00 GMT", 304),
        ("yesterday", 200),
        ("", 200),
    ] {
        assert_eq!(root.with("If-Modified-Since", date).get("roles").await.status, status, "{date}");
    }
    let other = root.with("If-Modified-Since", LONG_AGO).with("If-None-Match", "\"other\"");
    assert_eq!(other.get("roles").await.status, 200, "a tag decides alone");
}

#[tokio::test]
async fn news_of_any_kind_end_the_sparing() {
    let role = json!({ "name": "clerk", "description": "x" });
    let tenant = json!({ "name": "north", "active": true, "parentId": 1 });
    for (list, body) in [("roles", role), ("tenants", tenant)] {
        let (app, root) = scene().await;
        let asked = root.with("If-Modified-Since", LONG_AGO);
        assert_eq!(asked.get(list).await.status, 304, "{list}");
        root.post(list, body.clone()).await;
        assert_eq!(asked.get(list).await.status, 200, "{list}: one more");
        app.after(10);
        let asked = root.with("If-Modified-Since", "Sat, 21 Nov 2026 12:00:00 GMT");
        assert_eq!(asked.get(list).await.status, 304, "{list}");
        let path = match list {
            "roles" => "roles?name=clerk".to_owned(),
            _ => format!("tenants/{}", app.number("SELECT max(id) FROM tenant").await),
        };
        assert_eq!(root.delete(&path).await.status, 200);
        assert_eq!(asked.get(list).await.status, 200, "{list}: one less");
    }
}

#[tokio::test]
async fn a_date_is_told_only_when_its_second_is_over() {
    let (app, root) = scene().await;
    root.post("roles", json!({ "name": "clerk", "description": "x" })).await;
    let fresh = root.get("roles").await;
    assert!(!fresh.headers.contains_key("last-modified") && fresh.headers.contains_key("etag"));
    app.clock.advance(std::time::Duration::from_secs(1));
    assert_eq!(root.get("roles").await.headers["last-modified"], "Sat, 21 Nov 2026 12:00:00 GMT");
}

#[tokio::test]
async fn a_caller_who_moved_is_shown_other_tenants() {
    let (app, root) = scene().await;
    let asked = root.with("If-Modified-Since", LONG_AGO);
    assert_eq!(asked.get("tenants").await.status, 304);
    let unassigned = "UPDATE tm_user SET tenant_id = 2, last_updated = '2026-11-21T11:00:00Z'";
    app.sql(unassigned).await;
    let shown = asked.get("tenants").await;
    assert_eq!((shown.status, shown.json()["response"].as_array().unwrap().len()), (200, 1));
}

#[tokio::test]
async fn nobody_writes_over_what_they_have_not_seen() {
    let (_app, root) = scene().await;
    let text = "resource was modified since the time specified by the request headers";
    let tag_before = "\"v1-cy2xeohcq2o0\"";
    for version in VERSIONS {
        let root = root.in_version(version);
        let old = version.starts_with('3');
        let role = json!({ "name": "portal", "description": "Portal User", "privLevel": 2,
            "permissions": ["ROLE:READ"] });
        let tenant = json!({ "name": "unassigned", "active": true, "parentId": 1 });
        let role_path = if old { "roles?id=6" } else { "roles?name=portal" };
        for (path, body) in [(role_path, role), ("tenants/2", tenant)] {
            let seen = root.get(path.split(['?', '/']).next().unwrap()).await;
            let tag = seen.headers["etag"].to_str().unwrap().to_owned();
            for (name, value) in [
                ("If-Unmodified-Since", "Fri, 20 Nov 2026 09:59:59 GMT"),
                ("If-Match", tag_before),
                ("If-Match", "\"v1-0\", \"v1-cy2xeohcq2o0\""),
            ] {
                root.with(name, value).put(path, body.clone()).await.refuses(412, text);
            }
            let both =
                root.with("If-Match", &tag).with("If-Unmodified-Since", "Fri, 20 Nov 2026 09:59:59 GMT");
            let written = both.put(path, body.clone()).await;
            assert_eq!(written.status, 200, "{version} {path}: the tag of a list is good for what it shows");
            let tag = written.headers["etag"].to_str().unwrap();
            assert_eq!(
                root.with("If-Match", tag).put(path, body.clone()).await.status,
                200,
                "and that of a write"
            );
            for ignored in ["*", "\"x\""] {
                assert_eq!(root.with("If-Match", ignored).put(path, body.clone()).await.status, 200);
            }
        }
    }
}

#[tokio::test]
async fn a_date_that_was_shown_is_good_for_the_next_write() {
    let (app, root) = scene().await;
    let body = json!({ "name": "portal", "description": "x" });
    let asked = root.with("If-Unmodified-Since", LONG_AGO);
    assert_eq!(asked.put("roles?name=portal", body.clone()).await.status, 200, "its second is covered");
    app.clock.advance(std::time::Duration::from_secs(1));
    assert_eq!(asked.put("roles?name=portal", body).await.status, 412);
}
