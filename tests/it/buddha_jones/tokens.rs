//! Signing in and out, and what ends a token.

use serde_json::json;

use super::program::{
    GONE, LOGIN, LOGOUT, MISMATCH, NO_TOKEN, USER, axios, carrying, failure, form, is, keys, lives, login,
    multipart, signs_in, token,
};
use crate::support::{PASSWORD, TestApp, account};

#[tokio::test]
async fn a_login_shows_the_account_in_the_contract_s_order() {
    let app = TestApp::start().await;
    app.has(account("alice")).await;
    let answer = login(&app.anonymous(), "alice", PASSWORD).await;
    let body = answer.json();
    assert_eq!(keys(&body), ["status", "message", "data"]);
    assert_eq!((body["status"].as_u64(), body["message"].as_str()), (Some(1), Some("Login successful")));
    let expected = [
        "user_id",
        "username",
        "email",
        "first_name",
        "last_name",
        "full_name",
        "image",
        "type_id",
        "type_name",
        "hourly_rate",
        "salary_type",
        "salary_amount",
        "min_hour",
        "token",
        "status",
    ];
    assert_eq!(keys(&body["data"]), expected);
    assert_eq!(body["data"]["full_name"], "alice of the tests");
    assert_eq!(
        (&body["data"]["first_name"], &body["data"]["last_name"]),
        (&json!("alice of the"), &json!("tests"))
    );
    assert_eq!(body["data"]["type_name"], "read-only");
}

#[tokio::test]
async fn json_form_and_multipart_log_in_alike() {
    let app = TestApp::start().await;
    app.has(account("alice")).await;
    let guest = app.anonymous();
    let urlencoded = guest.with("Content-Type", "application/x-www-form-urlencoded");
    let pairs = [("username", "alice"), ("password", PASSWORD)];
    token(&urlencoded.send("POST", LOGIN, form(&pairs)).await);
    let in_parts = guest.with("Content-Type", "multipart/form-data; boundary=XX");
    token(&in_parts.send("POST", LOGIN, Some(multipart("XX", &pairs))).await);
    let query = format!("{LOGIN}?username=alice&password={}", PASSWORD.replace(' ', "+"));
    is(&guest.send("POST", &query, None).await, 400, &failure("Parameters missing"));
}

#[tokio::test]
async fn an_unknown_name_sounds_like_a_wrong_password() {
    let app = TestApp::start().await;
    app.has(account("alice")).await;
    for (username, password) in [("alice", "wrong"), ("nobody", PASSWORD), ("alice@example.test", PASSWORD)] {
        is(&login(&app.anonymous(), username, password).await, 401, MISMATCH);
    }
    for missing in [json!({}), json!({ "username": "alice" }), json!({ "password": "x" })] {
        is(&axios(&app.anonymous()).post(LOGIN, missing).await, 400, &failure("Parameters missing"));
    }
}

#[tokio::test]
async fn a_token_is_taken_with_or_without_bearer_and_lives_for_a_day() {
    let app = TestApp::start().await;
    app.has(account("alice")).await;
    let auth = signs_in(&app, "alice", PASSWORD).await;
    app.after(24 * 60 - 1);
    assert!(lives(&app, &auth).await);
    let bare = axios(&app.anonymous().with("Authorization", &auth));
    let body = json!({ "old_password": "a guess", "password": "a difference engine" });
    assert_eq!(bare.post(USER, body).await.status, 400);
    app.after(2);
    assert!(!lives(&app, &auth).await);
    assert!(!lives(&app, "x").await);
    is(&axios(&app.anonymous()).post(USER, json!({})).await, 401, NO_TOKEN);
}

#[tokio::test]
async fn logging_out_ends_the_token_and_anybody_may_say_goodbye() {
    let app = TestApp::start().await;
    app.has(account("alice")).await;
    let auth = signs_in(&app, "alice", PASSWORD).await;
    let alice = carrying(&app.anonymous(), &auth);
    assert_eq!(alice.send("HEAD", LOGOUT, None).await.status, 405);
    assert!(lives(&app, &auth).await);
    is(&alice.get(LOGOUT).await, 200, GONE);
    assert!(!lives(&app, &auth).await);
    is(&alice.get(LOGOUT).await, 200, GONE);
    is(&app.anonymous().get(LOGOUT).await, 200, GONE);
}

#[tokio::test]
async fn a_goodbye_that_can_not_be_heard_is_not_confirmed() {
    let app = TestApp::start().await;
    app.has(account("alice")).await;
    let auth = signs_in(&app, "alice", PASSWORD).await;
    app.lose_database().await;
    is(&carrying(&app.anonymous(), &auth).get(LOGOUT).await, 503, &failure("Service Unavailable"));
}

#[tokio::test]
async fn an_account_has_one_token_and_the_newest_counts() {
    let app = TestApp::start().await;
    app.has(account("alice")).await;
    let first = signs_in(&app, "alice", PASSWORD).await;
    let second = signs_in(&app, "alice", PASSWORD).await;
    assert!(!lives(&app, &first).await && lives(&app, &second).await);
}

#[tokio::test]
async fn a_new_password_in_traffic_ops_ends_the_token_here() {
    let app = TestApp::start().await;
    let portal = app.signed_in(account("alice")).await;
    let auth = signs_in(&app, "alice", PASSWORD).await;
    portal.changes_own("localPasswd", "white rabbit").await;
    assert!(!lives(&app, &auth).await);
}
