//! One throttle counts for all contracts, and each says so in its own envelope.

use serde_json::json;

use super::{held, sign_in, wait};
use crate::{
    buddha_jones::program as buddha_jones,
    contract::wire::Answer,
    pages::Visitor,
    support::{Client, PASSWORD, TestApp, account, is},
    timeslot::program as timeslot,
};

const WRONG: &str = "a wrong guess";

async fn teen_quotes(client: &Client, secret: &str, username: &str, password: &str) -> Answer {
    let body = json!({ "grant_type": "password", "client_id": "website", "client_secret": secret,
        "username": username, "password": password });
    client.with("Content-Type", "application/json").post("/oauth", body).await
}

/// Fails the test unless the answer is this refusal, with the time to wait.
#[track_caller]
fn holds_back(answer: &Answer, body: &str) {
    is(answer, 429, body);
    assert!(answer.headers.contains_key("retry-after"));
}

#[tokio::test]
async fn failures_by_user_name_in_one_contract_hold_the_others_back() {
    let app = TestApp::start().await;
    let alice = app.has(account("alice")).await;
    let secret = app.knows("website").await;
    sign_in(&alice, "alice", WRONG).await.refused_with(401);
    assert_eq!(buddha_jones::login(&alice, "alice", WRONG).await.status, 401);
    assert_eq!(teen_quotes(&alice, &secret, "alice", WRONG).await.status, 400);
    assert_eq!(Visitor::at(&app).sign_in("alice", WRONG).await.status, 401);
    held(&sign_in(&alice, "alice", PASSWORD).await);
    holds_back(&buddha_jones::login(&alice, "alice", PASSWORD).await, BUDDHA_JONES);
    holds_back(&teen_quotes(&alice, &secret, "alice", PASSWORD).await, TEEN_QUOTES);
    let page = Visitor::at(&app).sign_in("alice", PASSWORD).await;
    assert_eq!(page.status, 429, "{}", page.words());
    wait(&app, 2);
    assert_eq!(buddha_jones::login(&alice, "alice", PASSWORD).await.status, 200);
}

const BUDDHA_JONES: &str = r#"{"status":0,"message":"Too many attempts. Try again later."}"#;
const TEEN_QUOTES: &str =
    r#"{"error":"slow_down","error_description":"Too many attempts. Try again later."}"#;
const TIMESLOT: &str = r#"{"error":"Too many attempts. Try again later."}"#;

#[tokio::test]
async fn failures_by_address_hold_back_the_user_name_without_saying_so() {
    let app = TestApp::start().await;
    let alice = app.has(account("alice")).await;
    for _ in 0..4 {
        assert_eq!(timeslot::sign_in(&alice, &alice.email(), WRONG).await.status, 401);
    }
    holds_back(&timeslot::sign_in(&alice, &alice.email(), PASSWORD).await, TIMESLOT);
    // Whoever guesses that both names are one person's must not learn it by the wait.
    sign_in(&alice, "alice", PASSWORD).await.refuses(401, "Invalid username or password.");
    wait(&app, 2);
    sign_in(&alice, "alice", PASSWORD).await.says("Successfully logged in.");
}

#[tokio::test]
async fn letters_are_counted_across_the_contracts() {
    let app = TestApp::with(|config| {
        config.dialects.buddha_jones.allowed_urls = vec!["https://portal.example.test".to_owned()];
    })
    .await;
    let alice = app.has(account("alice")).await;
    let email = alice.email();
    let typed = alice.with("Content-Type", "application/json");
    for _ in 0..2 {
        assert_eq!(typed.post("/v1/users/reset", json!({ "email": email })).await.status, 200);
        alice.post("user/reset_password", json!({ "email": email })).await.succeeds();
    }
    let named = json!({ "email": email, "url": "https://portal.example.test/reset/" });
    assert_eq!(typed.post("/password-reset", named.clone()).await.status, 200);
    holds_back(&typed.post("/password-reset", named).await, BUDDHA_JONES);
    holds_back(&typed.post("/v1/users/reset", json!({ "email": email })).await, TIMESLOT);
    held(&alice.post("user/reset_password", json!({ "email": email })).await);
}

#[tokio::test]
async fn whoever_comes_through_a_client_is_counted_by_the_client() {
    let app = TestApp::with(|config| {
        config.throttle.client_burst = 5;
        config.throttle.address_burst = 3;
    })
    .await;
    let alice = app.has(account("alice")).await;
    let secret = app.knows("website").await;
    for number in 0..5 {
        assert_eq!(teen_quotes(&alice, &secret, &format!("user{number}"), WRONG).await.status, 400);
    }
    holds_back(&teen_quotes(&alice, &secret, "alice", PASSWORD).await, TEEN_QUOTES);
    sign_in(&alice, "alice", PASSWORD).await.says("Successfully logged in.");
}

#[tokio::test]
async fn a_client_s_secret_can_not_be_guessed_at_length() {
    let app = TestApp::with(|config| config.throttle.address_burst = 3).await;
    let alice = app.has(account("alice")).await;
    let secret = app.knows("website").await;
    for _ in 0..3 {
        assert_eq!(teen_quotes(&alice, "a guess", "alice", PASSWORD).await.status, 401);
    }
    holds_back(&teen_quotes(&alice, &secret, "alice", PASSWORD).await, TEEN_QUOTES);
}
