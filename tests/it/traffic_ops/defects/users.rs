//! Users: what is said, what is stored, what breaks.

use serde_json::{Value, json};

use crate::{
    support::{PASSWORD, TestApp, VERSIONS, account},
    traffic_ops::program::{
        described, header, id_of, last_logged, listed, names, number_of, refuse_at_commit,
        with_old_roles_and_tenants, with_password,
    },
};

#[tokio::test]
async fn defect_13_a_body_that_can_not_be_read_is_told_in_our_own_words() {
    let app = TestApp::start().await;
    let admin = app.administrator().await;
    for version in VERSIONS {
        for path in ["users", "users/register"] {
            for (body, text) in [
                ("", "the body is empty; a JSON object is expected"),
                ("{", "the body is not JSON (line 1, column 1)"),
                ("[]", "the body must be a JSON object"),
                (r#"{"tenantId":"<script>"}"#, "tenantId: must be a whole number"),
                (
                    r#"{"role":[]}"#,
                    if version.starts_with('3') {
                        "role: must be a whole number"
                    } else {
                        "role: must be a text of at most 255 characters without control characters"
                    },
                ),
            ] {
                let answer = admin.in_version(version).send("POST", path, Some(body.to_owned())).await;
                let prefix =
                    if path == "users/register" && version.starts_with('3') { "decoding: " } else { "" };
                answer.refuses(400, &format!("{prefix}{text}"));
            }
        }
    }
}

#[tokio::test]
async fn defect_15_a_name_or_address_of_somebody_else_is_refused_and_said_so() {
    let app = TestApp::start().await;
    let admin = app.administrator().await;
    app.has(account("alice")).await;
    app.has(account("bob")).await;
    let path = format!("users/{}", id_of(&app, "bob").await);
    for version in VERSIONS {
        let client = admin.in_version(version);
        let mut whole = described(version, "alice", "read-only");
        whole["email"] = "bob@example.test".into();
        client.put(&path, whole).await.refuses(400, "tm_user username 'alice' already exists.");
        let mut whole = described(version, "bob", "read-only");
        whole["email"] = "alice@example.test".into();
        client.put(&path, whole).await.refuses(400, "tm_user email 'alice@example.test' already exists.");
    }
    assert_eq!(names(&admin, "").await, ["alice", "bob", "root"]);
}

#[tokio::test]
async fn defect_20_odd_queries_and_texts_break_nothing() {
    let app = TestApp::start().await;
    let admin = app.administrator().await;
    app.after(1);
    let since = admin.with("If-Modified-Since", "Mon, 01 Jan 2018 00:00:00 GMT");
    for (query, status) in [
        ("orderby=capability", 200),
        ("capability=", 200),
        ("capability=USER:READ&orderby=capability", 200),
        ("newUser=maybe", 400),
        ("newUser=", 400),
        ("limit=-1&page=2", 400),
        ("username=%00", 400),
        ("capability=%00", 400),
        ("id=1%00", 400),
        ("username=%ff", 200),
        ("orderby=%00", 200),
        ("limit=1&page=9223372036854775807", 200),
    ] {
        for client in [&admin, &since] {
            assert_eq!(client.get(&format!("users?{query}")).await.status, status, "{query}");
        }
    }
    for version in VERSIONS {
        for field in ["username", "email", "fullName", "city", "publicSshKey", "localPasswd", "role", "ucdn"]
        {
            if version.starts_with('3') && ["role", "ucdn"].contains(&field) {
                continue;
            }
            let mut whole = with_password(described(version, "newcomer", "read-only"));
            whole[field] = "a\0b".into();
            let answer = admin.in_version(version).post("users", whole).await;
            assert_eq!(answer.status, 400, "{version} {field}: {}", answer.text());
        }
    }
}

#[tokio::test]
async fn defect_21_a_user_without_a_role_is_listed_like_any_other() {
    let app = TestApp::start().await;
    let admin = app.administrator().await;
    app.has(account("bob")).await;
    app.sql("UPDATE tm_user SET role = NULL WHERE username = 'bob'").await;
    for version in VERSIONS {
        let all = listed(&admin.in_version(version), "").await;
        assert_eq!((all.len(), &all[0]["role"]), (2, &Value::Null), "{version}");
    }
    let path = format!("users/{}", id_of(&app, "bob").await);
    admin.put(&path, described("5.0", "bob", "portal")).await.says("user was updated.");
}

#[tokio::test]
async fn defect_22_an_invitation_is_answered_with_the_bare_address() {
    let app = TestApp::start().await;
    let admin = app.administrator().await;
    for version in VERSIONS {
        let role = if version.starts_with('3') { json!(number_of("portal")) } else { json!("portal") };
        let form = json!({ "email": "Fresh Person <fresh@example.test>", "role": role, "tenantId": 1 });
        admin.in_version(version).post("users/register", form).await.says(
            "Sent user registration to fresh@example.test with the following permissions [ role: portal | tenant: root ]",
        );
        assert!(last_logged(&app).await.contains(", EMAIL: fresh@example.test, ACTION: "));
    }
}

#[tokio::test]
async fn defect_24_dates_are_in_gmt_and_an_echoed_one_is_known() {
    let app = with_old_roles_and_tenants().await;
    let admin = app.administrator().await;
    app.sql("UPDATE tm_user SET last_updated = '2026-11-21 12:00:00.847362+00'").await;
    app.after(1);
    for version in VERSIONS {
        let client = admin.in_version(version);
        let date = header(&client.get("users").await, "last-modified").to_owned();
        assert_eq!(date, "Sat, 21 Nov 2026 12:00:00 GMT");
        assert_eq!(client.with("If-Modified-Since", &date).get("users").await.status, 304);
        let shown = listed(&client, "").await[0]["lastUpdated"].as_str().unwrap().to_owned();
        let wanted = match version.starts_with('3') {
            true => "2026-11-21 12:00:00+00",
            false => "2026-11-21T12:00:00.847362Z",
        };
        assert_eq!(shown, wanted);
    }
}

#[tokio::test]
async fn defect_25_a_sign_in_spoils_neither_preconditions_nor_caches() {
    let app = with_old_roles_and_tenants().await;
    let admin = app.administrator().await;
    let mut bob = app.has(account("bob")).await;
    let path = format!("users/{}", id_of(&app, "bob").await);
    app.after(1);
    let seen = admin.get(&path).await;
    app.after(1);
    bob.sign_in(PASSWORD).await;
    let since = admin.with("If-Modified-Since", header(&seen, "last-modified"));
    assert_eq!(since.get("users").await.status, 304);
    let unless = admin.with("If-Match", header(&seen, "etag"));
    unless.put(&path, described("5.0", "bob", "read-only")).await.says("user was updated.");
}

#[tokio::test]
async fn defect_26_json_at_the_end_of_a_value_belongs_to_the_value() {
    let app = TestApp::start().await;
    let admin = app.administrator().await;
    app.has(account("bob")).await;
    app.sql("UPDATE tm_user SET username = 'bob.json' WHERE username = 'bob'").await;
    for version in VERSIONS {
        let client = admin.in_version(version);
        assert_eq!(names(&client, "?username=bob.json").await, ["bob.json"]);
        assert_eq!(names(&client, "?username=admin.json").await.len(), 0);
        client.get("users/1.json").await.refuses(400, "id cannot parse to integer");
    }
}

#[tokio::test]
async fn defect_28_all_that_is_wrong_is_told_at_once_and_in_one_order() {
    let app = TestApp::start().await;
    let admin = app.administrator().await;
    for version in VERSIONS {
        let client = admin.in_version(version);
        for _ in 0..3 {
            client
                .post("users", json!({ "email": "x", "localPasswd": "short", "username": "bob" }))
                .await
                .refuses(
                    400,
                    "Password must be greater than 7 characters., 'email' must be a valid email address, \
                 'fullName' cannot be blank, 'role' cannot be blank, 'tenantID' cannot be blank",
                );
        }
    }
}

#[tokio::test]
async fn defect_31_what_was_answered_is_stored() {
    let app = TestApp::start().await;
    let admin = app.administrator().await;
    refuse_at_commit(&app, &["log"]).await;
    let answer = admin.post("users", with_password(described("5.0", "newcomer", "read-only"))).await;
    answer.refuses(500, "Internal Server Error");
    assert_eq!(names(&admin, "").await, ["root"]);
}

#[tokio::test]
async fn defect_33_a_change_of_one_s_own_account_is_logged_and_minds_preconditions_and_posix_ids() {
    for version in VERSIONS {
        let app = TestApp::start().await;
        let bob = app.signed_in(account("bob")).await.in_version(version);
        let id = id_of(&app, "bob").await;
        app.sql("UPDATE tm_user SET gid = 5, uid = 6, ucdn = 'up'").await;
        let tag = header(&bob.get("user/current").await, "etag").to_owned();
        app.after(1);
        let whole = described(version, "bob", "read-only");
        let body = if version.starts_with('3') { json!({ "user": whole }) } else { whole };
        bob.with("If-Match", &tag)
            .put("user/current", body.clone())
            .await
            .says("User profile was successfully updated");
        assert_eq!(last_logged(&app).await, format!("USER: bob, ID: {id}, ACTION: Updated User"));
        app.after(1);
        let stale = "resource was modified since the time specified by the request headers";
        bob.with("If-Match", &tag).put("user/current", body).await.refuses(412, stale);
        let own = bob.in_version("5.0").get("user/current").await.json()["response"].clone();
        assert_eq!((&own["gid"], &own["uid"], &own["ucdn"]), (&json!(5), &json!(6), &json!("up")));
        assert_eq!(own["changeLogCount"], 1);
    }
}

#[tokio::test]
async fn defect_34_an_address_is_the_same_in_any_case() {
    let app = TestApp::start().await;
    let admin = app.administrator().await;
    app.has(account("bob")).await;
    assert_eq!(names(&admin, "?email=BOB@Example.Test").await, ["bob"]);
    for version in VERSIONS {
        let mut whole = with_password(described(version, "newcomer", "read-only"));
        whole["email"] = "Bob@Example.Test".into();
        let answer = admin.in_version(version).post("users", whole).await;
        answer.refuses(400, "tm_user email 'Bob@Example.Test' already exists.");
    }
}

#[tokio::test]
async fn defect_37_a_missing_username_is_a_refusal_and_no_defect() {
    let app = TestApp::start().await;
    let admin = app.administrator().await;
    for version in VERSIONS {
        let mut whole = with_password(described(version, "newcomer", "read-only"));
        whole.as_object_mut().unwrap().shift_remove("username");
        admin.in_version(version).post("users", whole).await.refuses(400, "Your username cannot be blank.");
    }
}
