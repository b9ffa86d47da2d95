//! Signing in and out, and what ends a token.

use super::program::{
    BAD_TOKEN, INVALID, MISMATCH, RESET, SIGN_IN, SIGN_OUT, carrying, is, mailed_password, reset, sign_in,
    sign_out, token,
};
use crate::support::{PASSWORD, TestApp, account};

#[tokio::test]
async fn json_and_form_sign_in_alike_and_the_address_has_no_case() {
    let app = TestApp::start().await;
    app.has(account("alice")).await;
    let guest = app.anonymous().with("Content-Type", "application/json; charset=utf-8");
    let body = serde_json::json!({ "password": PASSWORD, "email": "Alice@Example.TEST" });
    let answer = guest.post(SIGN_IN, body).await;
    let keys: Vec<_> = answer.json().as_object().unwrap().keys().cloned().collect();
    assert_eq!(keys, ["id", "username", "email", "authToken"]);
    assert_eq!(answer.json()["email"], "alice@example.test");
    let drawn = token(&answer);
    assert!(drawn.len() == 27 && drawn.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_' || b == b'-'));
    token(&sign_in(&app.anonymous(), "alice@example.test", PASSWORD).await);
}

#[tokio::test]
async fn an_account_has_one_token_and_the_newest_counts() {
    let app = TestApp::start().await;
    let alice = app.has(account("alice")).await;
    let first = token(&sign_in(&alice, &alice.email(), PASSWORD).await);
    let second = token(&sign_in(&alice, &alice.email(), PASSWORD).await);
    is(&sign_out(&app, &first).await, 401, BAD_TOKEN);
    is(&sign_out(&app, &second).await, 200, " ");
    is(&sign_out(&app, &second).await, 401, BAD_TOKEN);
}

#[tokio::test]
async fn whoever_may_not_sign_in_can_not() {
    let app = TestApp::start().await;
    let alice = app.has(account("alice")).await;
    let earlier = token(&sign_in(&alice, &alice.email(), PASSWORD).await);
    app.disallows_everybody().await;
    is(&sign_out(&app, &earlier).await, 401, BAD_TOKEN);
    is(&sign_in(&alice, &alice.email(), PASSWORD).await, 401, MISMATCH);
    is(&reset(&alice, &alice.email()).await, 403, INVALID);
    assert_eq!(app.deliver().await.count(), 0);
}

#[tokio::test]
async fn a_disabled_account_has_no_token_left() {
    let app = TestApp::start().await;
    let alice = app.has(account("alice")).await;
    token(&sign_in(&alice, &alice.email(), PASSWORD).await);
    mailed_password(&app, &alice.email()).await;
    let name = latchkey::domain::Username::parse("alice").unwrap();
    app.site().services.administration.disable(&name).await.unwrap();
    for table in ["auth_token", "temporary_password", "session"] {
        assert_eq!(app.number(&format!("SELECT count(*) FROM latchkey.{table}")).await, 0, "{table}");
    }
}

#[tokio::test]
async fn without_a_live_token_the_answer_is_the_contract_s_fifteen_bytes() {
    let app = TestApp::start().await;
    let guest = app.anonymous();
    for client in [
        guest.clone(),
        carrying(&guest, "9tNOulANZ9PVYrHes_rLv-XPhko"),
        guest.with("Authorization", "Bearer x"),
        guest.with("Authorization", "Token"),
    ] {
        let answer = client.get(SIGN_OUT).await;
        is(&answer, 401, BAD_TOKEN);
        assert_eq!(answer.headers["content-length"], "15");
        assert_eq!(answer.headers["content-type"], "application/json; charset=utf-8");
        assert_eq!(answer.headers["www-authenticate"], "Token realm=\"Application\"");
    }
    let in_the_query = guest.get("/v1/users/signout?token=9tNOulANZ9PVYrHes_rLv-XPhko").await;
    is(&in_the_query, 401, BAD_TOKEN);
}

#[tokio::test]
async fn looking_at_the_way_out_does_not_lead_out() {
    let app = TestApp::start().await;
    let alice = app.has(account("alice")).await;
    let auth = token(&sign_in(&alice, &alice.email(), PASSWORD).await);
    let client = carrying(&app.anonymous(), &auth);
    let head = client.send("HEAD", SIGN_OUT, None).await;
    assert_eq!((head.status, head.headers["allow"].to_str().unwrap()), (405, "GET, OPTIONS"));
    assert_eq!(client.send("OPTIONS", SIGN_OUT, None).await.status, 204);
    assert_eq!(client.send("GET", RESET, None).await.status, 405);
    is(&client.get(SIGN_OUT).await, 200, " ");
}

#[tokio::test]
async fn the_sign_in_of_one_contract_is_worth_nothing_in_another() {
    let app = TestApp::start().await;
    let alice = app.has(account("alice")).await;
    let here = token(&sign_in(&alice, &alice.email(), PASSWORD).await);
    let elsewhere = app.anonymous().with("Authorization", &format!("Bearer {here}"));
    let body = serde_json::json!({ "old_password": PASSWORD, "password": "white rabbit" });
    assert_eq!(elsewhere.post("/user", body).await.status, 401);
    is(&sign_out(&app, &here).await, 200, " ");
}
