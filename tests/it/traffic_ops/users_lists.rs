//! Lists of users: narrowed, sorted, cut into pages, and as long as they come.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde_json::json;
use sha2::{Digest as _, Sha512};

use super::program::{described, header, id_of, listed, names, with_password};
use crate::support::{Client, TestApp, VERSIONS, account};

/// alice, bob and carol, and the administrator who looks at them.
async fn with_three() -> (TestApp, Client) {
    let app = TestApp::start().await;
    let admin = app.administrator().await;
    for name in ["carol", "alice", "bob"] {
        app.has(account(name)).await;
    }
    app.sql(
        "INSERT INTO tenant (name, active, parent_id) VALUES ('child', true, 1); \
         UPDATE tm_user SET company = 'Engines', city = 'London', state_or_province = 'LND', country = 'UK', \
             postal_code = 'W1', new_user = true, tenant_id = 3, role = 6 WHERE username = 'bob'",
    )
    .await;
    (app, admin)
}

#[tokio::test]
async fn a_list_is_narrowed_by_every_filter_that_its_version_knows() {
    let (app, admin) = with_three().await;
    let bob = id_of(&app, "bob").await;
    let old = ["?role=portal", "?tenant=child", "?username=bob"];
    let new = [
        "?company=Engines",
        "?email=bob@example.test",
        "?email=BOB@example.test",
        "?fullName=bob%20of%20the%20tests",
        "?newUser=true",
        "?city=London",
        "?stateOrProvince=LND",
        "?country=UK",
        "?postalCode=W1",
        "?role=portal&capability=ROLE:READ",
    ];
    for version in VERSIONS {
        let client = admin.in_version(version);
        assert_eq!(names(&client, &format!("?id={bob}")).await, ["bob"]);
        assert_eq!(names(&client, &format!("?id={bob}&id=1&unknown=x")).await, ["bob"], "the first counts");
        assert_eq!(names(&client, &format!("/{bob}?id=1")).await, ["bob"], "the path beats the query");
        for query in old {
            assert_eq!(names(&client, query).await, ["bob"], "{version} {query}");
        }
        for query in new {
            let found = names(&client, query).await;
            match version.starts_with('3') && !query.contains("role=") {
                true => assert_eq!(found.len(), 4, "3.x doesn't know {query}"),
                false => assert_eq!(found, ["bob"], "{version} {query}"),
            }
        }
        assert_eq!(names(&client, "?username=bob&role=read-only").await.len(), 0, "all must be met");
    }
    assert_eq!(names(&admin, "?capability=ALL").await, ["root"]);
    assert_eq!(names(&admin, "?capability=TENANT:DELETE").await.len(), 0);
}

#[tokio::test]
async fn a_list_is_sorted_and_cut_as_it_is_asked_to() {
    let (_app, admin) = with_three().await;
    for version in VERSIONS {
        let client = admin.in_version(version);
        for (query, wanted) in [
            ("", "alice bob carol root"),
            ("?sortOrder=desc", "root carol bob alice"),
            ("?orderby=id", "root carol alice bob"),
            ("?orderby=id&sortOrder=desc", "bob alice carol root"),
            ("?orderby=nothing", "root carol alice bob"),
            ("?orderby=role", "root bob carol alice"),
            ("?orderby=tenant", "bob root carol alice"),
            ("?limit=2", "alice bob"),
            ("?limit=2&offset=1", "bob carol"),
            ("?limit=2&page=2", "carol root"),
            ("?limit=2&page=2&offset=1", "bob carol"),
            ("?limit=-1", "alice bob carol root"),
            ("?offset=2&page=9", "alice bob carol root"),
        ] {
            assert_eq!(names(&client, query).await.join(" "), wanted, "{version} {query}");
        }
        assert_eq!(names(&client, "?limit=0").await.len(), 0);
        client.get("users?limit=-2").await.refuses(400, "limit parameter must be bigger than -1");
        client
            .get("users?limit=1&offset=0")
            .await
            .refuses(400, "offset parameter must be a positive integer");
        client.get("users?limit=1&page=0").await.refuses(400, "page parameter must be a positive integer");
    }
    for field in
        ["company", "email", "fullName", "newUser", "city", "stateOrProvince", "country", "postalCode"]
    {
        assert_eq!(listed(&admin, &format!("?orderby={field}")).await.len(), 4, "{field}");
    }
    assert_eq!(names(&admin, "?orderby=newUser&sortOrder=desc&limit=1").await, ["bob"]);
}

#[tokio::test]
async fn pages_of_equals_neither_overlap_nor_leave_anybody_out() {
    let (_app, admin) = with_three().await;
    let mut seen = Vec::new();
    for page in 1..=4 {
        seen.extend(names(&admin, &format!("?orderby=country&limit=1&page={page}")).await);
    }
    seen.sort();
    assert_eq!(seen, ["alice", "bob", "carol", "root"]);
}

#[tokio::test]
async fn nobody_is_seen_from_below_a_tenant_that_sleeps() {
    let (app, admin) = with_three().await;
    app.sql("UPDATE tenant SET active = false WHERE name = 'root'").await;
    assert_eq!(names(&admin, "").await.len(), 0);
    let someone = with_password(described("5.0", "dave", "read-only"));
    admin.post("users", someone).await.refuses(403, "not authorized on this tenant");
}

/// Makes a list that is longer than what is kept unpacked.
async fn crowd(app: &TestApp, count: usize) {
    app.sql(&format!(
        "INSERT INTO tm_user (username, email, full_name, city, role, tenant_id) \
         SELECT 'user' || n, 'user' || n || '@example.test', 'User <' || n || '>', md5(n::text), 4, 1 \
         FROM generate_series(1, {count}) n; \
         INSERT INTO log (level, message, tm_user) SELECT 'APICHANGE', 'x', max(id) FROM tm_user"
    ))
    .await;
}

/// The reply's digest and length are judged by the client itself, over the body without compression.
#[tokio::test]
async fn ten_thousand_users_come_whole_packed_or_not() {
    let app = TestApp::start().await;
    let admin = app.administrator().await;
    crowd(&app, 9_999).await;
    for version in ["3.1", "5.0"] {
        let client = admin.in_version(version);
        let plain = client.get("users?orderby=id").await;
        let packed = client.with("Accept-Encoding", "gzip").get("users?orderby=id").await;
        assert_eq!((plain.status, packed.status), (200, 200));
        assert!(plain.headers.get("content-encoding").is_none());
        assert_eq!(header(&packed, "content-encoding"), "gzip");
        let users = plain.json()["response"].as_array().unwrap().clone();
        assert_eq!((users.len(), &users[9_999]["username"]), (10_000, &json!("user9999")));
        assert_eq!(users[1]["fullName"], "User <1>");
        assert!(String::from_utf8_lossy(&plain.body).contains(r"User \u003c1\u003e"));
        let digest = STANDARD.encode(Sha512::digest(&plain.body));
        assert_eq!(header(&plain, "whole-content-sha512"), digest);
        assert!(header(&packed, "content-length").parse::<usize>().unwrap() * 4 < plain.body.len());
        let unordered =
            |answer: &crate::contract::wire::Answer| answer.json()["response"].as_array().unwrap().len();
        assert_eq!(unordered(&packed), 10_000);
        if version == "5.0" {
            assert_eq!(users[9_999]["changeLogCount"], 1);
        }
    }
    let head = admin.send("HEAD", "users", None).await;
    assert_eq!(head.status, 200);
    assert!(header(&head, "content-length").parse::<usize>().unwrap() > 1_000_000);
}
