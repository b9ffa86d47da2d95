//! Passwords: waits grow with the failures, and the holder gets in all the same.

use serde_json::json;

use super::{at, behind_a_proxy, held, sign_in, trusting, wait};
use crate::support::{Client, PASSWORD, TestApp, account};

const STRANGER: &str = "203.0.113.9";
const HOME: &str = "192.0.2.7";

/// Fails so often that the next try is held back; the seconds.
async fn exhaust(client: &Client, username: &str) -> u64 {
    for _ in 0..4 {
        sign_in(client, username, "a wrong guess").await.refuses(401, "Invalid username or password.");
    }
    held(&sign_in(client, username, "a wrong guess").await)
}

#[tokio::test]
async fn waits_grow_with_the_failures_and_the_right_password_waits_too() {
    let app = TestApp::start().await;
    app.has(account("alice")).await;
    let guest = app.anonymous();
    let mut seconds = exhaust(&guest, "alice").await;
    let mut waits = vec![seconds];
    for _ in 0..6 {
        held(&sign_in(&guest, "alice", PASSWORD).await);
        wait(&app, seconds);
        sign_in(&guest, "alice", "a wrong guess").await.refuses(401, "Invalid username or password.");
        seconds = held(&sign_in(&guest, "alice", "a wrong guess").await);
        waits.push(seconds);
    }
    assert_eq!(waits, [1, 3, 5, 10, 20, 40, 60]);
    wait(&app, seconds);
    sign_in(&guest, "alice", PASSWORD).await.says("Successfully logged in.");
}

#[tokio::test]
async fn a_name_that_nobody_has_waits_like_one_that_somebody_has() {
    let app = TestApp::start().await;
    app.has(account("alice")).await;
    app.has(latchkey::service::Newcomer { password: None, ..account("nopass") }).await;
    app.has(latchkey::service::Newcomer { role: "disallowed".into(), ..account("blocked") }).await;
    let guest = app.anonymous();
    for username in ["alice", "nobody", "nopass", "blocked"] {
        let mut seen = Vec::new();
        for _ in 0..12 {
            let answer = sign_in(&guest, username, "a wrong guess").await;
            let after = answer.headers.get("retry-after").map(|value| value.to_str().unwrap().to_owned());
            if let Some(after) = &after {
                wait(&app, after.parse().unwrap());
            }
            seen.push((answer.status, answer.text(), after));
        }
        assert_eq!(seen.iter().map(|(status, ..)| *status).collect::<Vec<_>>(), WAVES, "{username}");
    }
}

/// Four tries, then one between two waits.
const WAVES: [u16; 12] = [401, 401, 401, 401, 429, 401, 429, 401, 429, 401, 429, 401];

#[tokio::test]
async fn strangers_can_not_lock_the_holder_out() {
    let app = behind_a_proxy().await;
    let alice = app.has(account("alice")).await;
    sign_in(&at(&alice, HOME), "alice", PASSWORD).await.says("Successfully logged in.");
    let stranger = at(&app.anonymous(), STRANGER);
    exhaust(&stranger, "alice").await;
    held(&sign_in(&stranger, "alice", PASSWORD).await);
    sign_in(&at(&alice, HOME), "alice", PASSWORD).await.says("Successfully logged in.");
    // The same neighbourhood: providers move people about.
    sign_in(&at(&alice, "192.0.2.200"), "alice", PASSWORD).await.says("Successfully logged in.");
    held(&sign_in(&stranger, "alice", PASSWORD).await);
}

#[tokio::test]
async fn a_place_that_the_holder_knows_is_held_back_by_its_own_failures() {
    let app = behind_a_proxy().await;
    let home = at(&app.has(account("alice")).await, HOME);
    sign_in(&home, "alice", PASSWORD).await.says("Successfully logged in.");
    let seconds = exhaust(&home, "alice").await;
    held(&sign_in(&home, "alice", PASSWORD).await);
    wait(&app, seconds);
    sign_in(&home, "alice", PASSWORD).await.says("Successfully logged in.");
    exhaust(&home, "alice").await;
}

#[tokio::test]
async fn a_reset_gets_through_while_sign_ins_are_held_back_and_ends_the_wait() {
    let app = TestApp::start().await;
    let alice = app.has(account("alice")).await;
    exhaust(&alice, "alice").await;
    alice
        .post("user/reset_password", json!({ "email": alice.email() }))
        .await
        .says(&format!("Successfully sent password reset to email '{}'", alice.email()));
    let key = app.deliver().await.only_letter_to(&alice.email()).reset_key();
    let mut back = alice.clone();
    let answer = alice.post("user/login/token", json!({ "t": key })).await;
    answer.says("Successfully logged in.");
    back.keep(&answer);
    sign_in(&alice, "alice", PASSWORD).await.says("Successfully logged in.");
}

#[tokio::test]
async fn of_many_guesses_at_once_few_are_judged() {
    // What the holder signed in with a moment ago is remembered, or not.
    for remembered in [60, 0] {
        of_many_guesses(remembered).await;
    }
}

async fn of_many_guesses(remembered: u32) {
    let app = TestApp::with(|config| {
        config.password.remember_verified = remembered;
        // Hashes that take longer than it takes to count a failure, as they do in earnest.
        (config.password.cost, config.password.threads) = (9, Some(1));
    })
    .await;
    let alice = app.has(account("alice")).await;
    sign_in(&alice, "alice", PASSWORD).await.says("Successfully logged in.");
    let guesses = (0..60).map(|number| {
        let guest = app.anonymous();
        let password = if number == 50 { PASSWORD.to_owned() } else { format!("guess {number}") };
        tokio::spawn(async move { sign_in(&guest, "alice", &password).await.status })
    });
    let mut seen = Vec::new();
    for guess in guesses.collect::<Vec<_>>() {
        seen.push(guess.await.unwrap());
    }
    assert_eq!(seen[50], 429, "{seen:?}");
}

#[tokio::test]
async fn after_a_hundred_failures_in_a_day_strangers_wait_for_the_next_day() {
    let app = TestApp::with(|config| {
        config.throttle.waits = vec![0];
        config.throttle.address_burst = 1000;
    })
    .await;
    app.has(account("alice")).await;
    let guest = app.anonymous();
    for _ in 0..100 {
        sign_in(&guest, "alice", "a wrong guess").await.refuses(401, "Invalid username or password.");
    }
    let seconds = held(&sign_in(&guest, "alice", PASSWORD).await);
    assert!((86_000..=86_401).contains(&seconds), "{seconds}");
    wait(&app, seconds);
    sign_in(&guest, "alice", PASSWORD).await.says("Successfully logged in.");
}

#[tokio::test]
async fn two_instances_count_together() {
    let one = TestApp::start().await;
    let two = TestApp::on(one.url.clone(), |_| {}).await;
    one.has(account("alice")).await;
    exhaust(&one.anonymous(), "alice").await;
    held(&sign_in(&two.anonymous(), "alice", PASSWORD).await);
}

#[tokio::test]
async fn the_old_password_is_no_place_to_guess_at_either() {
    let app = TestApp::start().await;
    let alice = app.signed_in(account("alice")).await;
    let mut visitor = crate::pages::Visitor::signed_in(&app, "alice").await;
    let form = visitor.get("/account/password").await;
    let change = |current: &'static str| {
        let new = "an entirely new one";
        [("current_password", current), ("password", new), ("password_again", new)]
    };
    for _ in 0..4 {
        let page = visitor.send_form(&form, "/account/password", &change("a wrong guess")).await;
        page.faults("current_password", "This is not your present password.");
    }
    let page = visitor.send_form(&form, "/account/password", &change(PASSWORD)).await;
    assert_eq!(page.status, 429, "{}", page.words());
    alice.get("user/current").await.succeeds();
}

#[tokio::test]
async fn from_exempt_networks_nothing_is_counted() {
    let app = TestApp::with(|config| {
        trusting(config);
        config.throttle.exempt = vec!["10.0.0.0/8".parse().unwrap()];
    })
    .await;
    let agent = at(&app.has(account("agent")).await, "10.1.2.3");
    for _ in 0..20 {
        sign_in(&agent, "agent", "the old password").await.refuses(401, "Invalid username or password.");
    }
    sign_in(&agent, "agent", PASSWORD).await.says("Successfully logged in.");
}
