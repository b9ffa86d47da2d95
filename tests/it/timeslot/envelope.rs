//! The dialect's own form for what no operation answers, its headers, and where it is served.

use super::program::{INVALID, RESET, SIGN_IN, is, reset, sign_in, token};
use crate::support::{PASSWORD, TestApp, account};

/// Check 2 of the four contracts' list.
#[tokio::test]
async fn check_2_refusals_have_no_tag_and_every_answer_names_its_request() {
    let app = TestApp::start().await;
    let guest = app.anonymous().with("Content-Type", "application/json");
    let unknown = reset(&guest, "nobody@example.test").await;
    is(&unknown, 403, INVALID);
    let missing = guest.post(RESET, serde_json::json!({})).await;
    is(&missing, 422, r#"{"error":"param is missing or the value is empty: email"}"#);
    for answer in [&unknown, &missing] {
        assert!(!answer.headers.contains_key("etag"));
        assert_eq!(answer.headers["cache-control"], "no-cache");
        assert_eq!(answer.headers["content-type"], "application/json; charset=utf-8");
    }
    let named = guest.with("X-Request-Id", "from the (client), 7_a-B");
    assert_eq!(reset(&named, "x@y.test").await.headers["x-request-id"], "fromtheclient7_a-B");
    let long = guest.with("X-Request-Id", &"x".repeat(300));
    assert_eq!(reset(&long, "x@y.test").await.headers["x-request-id"].len(), 255);
    assert_eq!(named.get("/v1/users/nope").await.headers["x-request-id"], "fromtheclient7_a-B");
    let twice = [reset(&guest, "x@y.test").await, reset(&guest, "x@y.test").await];
    assert_ne!(twice[0].headers["x-request-id"], twice[1].headers["x-request-id"]);
}

#[tokio::test]
async fn what_no_operation_answers_is_in_the_contract_s_form_too() {
    let app = TestApp::start().await;
    let guest = app.anonymous();
    is(&guest.get("/v1/users/nope").await, 404, r#"{"status":"404","error":"Not Found"}"#);
    is(&guest.get("/v1/users").await, 404, r#"{"status":"404","error":"Not Found"}"#);
    is(&guest.send("POST", "/v1/users/reset/", None).await, 404, r#"{"status":"404","error":"Not Found"}"#);
    let wrong = guest.send("DELETE", RESET, None).await;
    is(&wrong, 405, r#"{"status":"405","error":"Method Not Allowed"}"#);
    assert_eq!(wrong.headers["allow"], "POST, OPTIONS");
    let asked = guest.send("OPTIONS", RESET, None).await;
    assert_eq!((asked.status, asked.headers["allow"].to_str().unwrap()), (204, "POST, OPTIONS"));
    let large = guest.send("POST", RESET, Some("x".repeat(65_537))).await;
    is(&large, 413, r#"{"status":"413","error":"Payload Too Large"}"#);
    let broken =
        guest.with("Content-Type", "application/json").send("POST", RESET, Some("{".to_owned())).await;
    is(&broken, 400, r#"{"status":"400","error":"Bad Request"}"#);
    for answer in [wrong, large, broken] {
        assert_eq!(answer.headers["x-frame-options"], "SAMEORIGIN");
        assert!(answer.headers["x-runtime"].to_str().unwrap().contains('.'));
    }
}

#[tokio::test]
async fn with_the_database_away_it_is_503_and_never_401_or_403() {
    let app = TestApp::start().await;
    app.lose_database().await;
    let guest = app.anonymous();
    for answer in [reset(&guest, "a@b.test").await, sign_in(&guest, "a@b.test", PASSWORD).await] {
        assert_eq!(answer.headers["retry-after"], "2");
        is(&answer, 503, r#"{"status":"503","error":"Service Unavailable"}"#);
    }
}

/// The tag is over the bytes as sent, so they are never packed.
#[tokio::test]
async fn nothing_is_compressed() {
    let app = TestApp::start().await;
    let alice = app.has(account("alice")).await.with("Accept-Encoding", "gzip");
    let answer = sign_in(&alice, &alice.email(), PASSWORD).await;
    assert!(!answer.headers.contains_key("content-encoding"));
    assert_eq!(reset(&alice, &alice.email()).await.headers["content-length"], "1");
}

#[tokio::test]
async fn it_can_be_moved_under_a_prefix_and_switched_off() {
    let moved = TestApp::with(|config| config.dialects.timeslot.mount = "/legacy".to_owned()).await;
    let alice = moved.has(account("alice")).await;
    let body = serde_json::json!({ "email": alice.email(), "password": PASSWORD });
    let json = alice.with("Content-Type", "application/json");
    token(&json.post(&format!("/legacy{SIGN_IN}"), body.clone()).await);
    is(&json.get("/legacy/v1/users/nope").await, 404, r#"{"status":"404","error":"Not Found"}"#);
    assert_eq!(json.get("/legacy/v1/users/nope").await.headers["x-frame-options"], "SAMEORIGIN");
    let off = TestApp::with(|config| config.dialects.timeslot.enabled = false).await;
    for app in [&moved, &off] {
        let gone = app.anonymous().send("DELETE", "/v1/users/gone", None).await;
        assert_eq!(gone.status, 404);
        assert!(!gone.headers.contains_key("x-runtime"), "whoever is at home answers");
    }
}
