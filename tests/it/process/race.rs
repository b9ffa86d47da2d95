//! A hundred at one key.

use std::sync::Arc;

use serde_json::json;
use tokio::{sync::Barrier, task::JoinSet};

use crate::{
    contract::wire::Answer,
    support::{PASSWORD, TestApp, account},
};

const CROWD: usize = 100;

#[tokio::test(flavor = "multi_thread")]
async fn one_key_redeemed_by_a_hundred_parallel_requests_wins_once() {
    let app = TestApp::start().await;
    let alice = app.has(account("alice")).await;
    let key = app.mailed_key(&alice.email()).await;
    let answers = all_at_once(move |_| {
        let (client, key) = (alice.clone(), key.clone());
        async move { client.post("user/login/token", json!({ "t": key })).await }
    });
    let answers = answers.await;
    let (won, lost): (Vec<_>, Vec<_>) = answers.iter().partition(|(_, answer)| answer.status == 200);
    assert_eq!((won.len(), lost.len()), (1, CROWD - 1));
    won[0].1.says("Successfully logged in.");
    for (_, answer) in lost {
        answer.refuses(401, "Invalid token. Please contact your administrator.");
    }
    assert_eq!(app.number("SELECT count(*) FROM latchkey.session").await, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn one_link_used_by_a_hundred_parallel_forms_sets_one_password_and_announces_it_once() {
    let app = TestApp::start().await;
    let mut alice = app.has(account("alice")).await;
    let key = app.mailed_key(&alice.email()).await;
    let form = alice.with("Content-Type", "application/x-www-form-urlencoded");
    let answers = all_at_once(move |number| {
        let (form, password) = (form.clone(), password_of(number));
        let body = format!("token={key}&password={password}&password_again={password}");
        async move { form.send("POST", "/reset-password", Some(body)).await }
    });
    let answers = answers.await;
    let winners: Vec<usize> =
        answers.iter().filter(|(_, answer)| answer.status == 303).map(|(number, _)| *number).collect();
    let statuses: Vec<u16> = answers.iter().map(|(_, answer)| answer.status).collect();
    assert_eq!(winners.len(), 1, "{statuses:?}");
    assert_eq!(statuses.iter().filter(|status| **status == 410).count(), CROWD - 1, "{statuses:?}");

    let letters = app.deliver().await;
    assert_eq!(letters.count(), 1);
    let notice = letters.only_letter_to(&alice.email());
    assert!(notice.subject.contains("Password Changed"), "{}", notice.subject);
    alice.sign_in(&password_of(winners[0])).await;
    let before = alice.post("user/login", json!({ "u": alice.username(), "p": PASSWORD })).await;
    before.refuses(401, "Invalid username or password.");
}

fn password_of(number: usize) -> String {
    format!("the-choice-of-number-{number}")
}

/// Sends a hundred requests, none before all are ready.
async fn all_at_once<F>(request: impl Fn(usize) -> F) -> Vec<(usize, Answer)>
where
    F: Future<Output = Answer> + Send + 'static,
{
    let start = Arc::new(Barrier::new(CROWD));
    let mut crowd = JoinSet::new();
    for number in 0..CROWD {
        let (start, request) = (start.clone(), request(number));
        crowd.spawn(async move {
            start.wait().await;
            (number, request.await)
        });
    }
    crowd.join_all().await
}
