//! What one address, or one network of IPv6, may try in all.

use serde_json::json;

use super::{at, held, sign_in, trusting, wait};
use crate::support::{PASSWORD, TestApp, account};

async fn with_a_burst_of(burst: u32) -> TestApp {
    TestApp::with(|config| {
        trusting(config);
        config.throttle.address_burst = burst;
    })
    .await
}

#[tokio::test]
async fn many_names_from_one_address_are_too_many_and_other_addresses_go_on() {
    let app = with_a_burst_of(10).await;
    let alice = app.has(account("alice")).await;
    let sprayer = at(&app.anonymous(), "203.0.113.9");
    for number in 0..10 {
        let name = format!("user{number}");
        sign_in(&sprayer, &name, "Winter2026!").await.refuses(401, "Invalid username or password.");
    }
    let seconds = held(&sign_in(&sprayer, "alice", PASSWORD).await);
    sign_in(&at(&alice, "203.0.113.10"), "alice", PASSWORD).await.says("Successfully logged in.");
    wait(&app, seconds);
    sign_in(&sprayer, "user10", "Winter2026!").await.refuses(401, "Invalid username or password.");
    held(&sign_in(&sprayer, "user11", "Winter2026!").await);
}

#[tokio::test]
async fn an_ipv6_network_is_one_client() {
    let app = with_a_burst_of(3).await;
    for address in ["2001:db8:1:2::1", "2001:db8:1:2::2", "2001:db8:1:2:ffff::3"] {
        sign_in(&at(&app.anonymous(), address), "nobody", "guess").await.refused_with(401);
    }
    held(&sign_in(&at(&app.anonymous(), "2001:db8:1:2::4"), "somebody", "guess").await);
    sign_in(&at(&app.anonymous(), "2001:db8:1:3::4"), "somebody", "guess").await.refused_with(401);
}

#[tokio::test]
async fn a_thousand_agents_behind_one_address_sign_in_as_often_as_they_like() {
    let app = with_a_burst_of(3).await;
    let agent = at(&app.has(account("agent")).await, "198.51.100.1");
    for _ in 0..30 {
        sign_in(&agent, "agent", PASSWORD).await.says("Successfully logged in.");
    }
}

#[tokio::test]
async fn a_client_may_log_in_again_on_every_401_and_403() {
    let app = with_a_burst_of(3).await;
    let mut alice = at(&app.has(account("alice")).await, "198.51.100.1");
    for _ in 0..10 {
        alice.without_cookies().get("user/current").await.refuses(401, "unauthorized, please log in.");
        alice.sign_in(PASSWORD).await;
        alice.post("roles", json!({})).await.refused_with(403);
        alice.sign_in(PASSWORD).await;
    }
}

#[tokio::test]
async fn keys_can_not_be_guessed_at_length() {
    let app = with_a_burst_of(5).await;
    let alice = app.has(account("alice")).await;
    alice.post("user/reset_password", json!({ "email": alice.email() })).await.succeeds();
    let key = app.deliver().await.only_letter_to(&alice.email()).reset_key();
    let guesser = at(&app.anonymous(), "203.0.113.9");
    for number in 0..5 {
        let guess = format!("{number:030}");
        guesser.post("user/login/token", json!({ "t": guess })).await.refused_with(401);
    }
    held(&guesser.post("user/login/token", json!({ "t": key })).await);
    let page = guesser.get(&format!("/reset-password?token={key}")).await;
    assert_eq!(page.status, 429);
    at(&alice, "198.51.100.1")
        .post("user/login/token", json!({ "t": key }))
        .await
        .says("Successfully logged in.");
}
