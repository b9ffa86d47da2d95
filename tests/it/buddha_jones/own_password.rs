//! `POST /user`: a new password for whoever knows the old one.

use serde_json::json;

use super::program::{
    MISMATCH, NO_TOKEN, USER, app, axios, carrying, failure, form, is, keys, lives, login, mailed_key, said,
    signs_in, validate,
};
use crate::support::{PASSWORD, TestApp, account};

const NEW: &str = "a difference engine";

#[tokio::test]
async fn the_new_password_replaces_the_old_one_and_everything_that_it_opened() {
    let app = app().await;
    let portal = app.signed_in(account("alice")).await;
    let auth = signs_in(&app, "alice", PASSWORD).await;
    let key = mailed_key(&app, "alice", &portal.email()).await;
    let alice = axios(&carrying(&app.anonymous(), &auth));
    let changed = alice.post(USER, json!({ "old_password": PASSWORD, "password": NEW })).await;
    let body = changed.json();
    assert_eq!(
        (changed.status, body["message"].as_str()),
        (200, Some("Request successful")),
        "{}",
        said(&changed)
    );
    let expected = [
        "id",
        "username",
        "first_name",
        "last_name",
        "full_name",
        "image",
        "initials",
        "type_id",
        "type_name",
        "hourly_rate",
        "salary_type",
        "salary_amount",
        "min_hour",
        "status",
    ];
    assert_eq!((keys(&body["data"]), &body["data"]["initials"]), (expected.to_vec(), &json!("AT")));
    assert!(!lives(&app, &auth).await, "the token dies with the password");
    portal.get("user/current").await.refuses(401, "unauthorized, please log in.");
    assert_eq!(validate(&app.anonymous(), &key).await.status, 400, "keys are void");
    let notice = app.deliver().await.only_letter_to(&portal.email());
    assert!(notice.subject.ends_with("Password Changed") && !notice.text.contains(NEW));
    is(&login(&app.anonymous(), "alice", PASSWORD).await, 401, MISMATCH);
    signs_in(&app, "alice", NEW).await;
}

#[tokio::test]
async fn a_form_does_as_well_as_json() {
    let app = TestApp::start().await;
    app.has(account("alice")).await;
    let auth = signs_in(&app, "alice", PASSWORD).await;
    let alice = carrying(&app.anonymous(), &auth).with("Content-Type", "application/x-www-form-urlencoded");
    let pairs = form(&[("old_password", PASSWORD), ("password", NEW)]);
    assert_eq!(alice.send("POST", USER, pairs).await.status, 200);
}

#[tokio::test]
async fn the_old_password_is_always_asked_for() {
    let app = TestApp::start().await;
    app.has(account("alice")).await;
    let auth = signs_in(&app, "alice", PASSWORD).await;
    let alice = axios(&carrying(&app.anonymous(), &auth));
    for (body, message) in [
        (json!({}), "Please provide current password."),
        (json!({ "password": NEW }), "Please provide current password."),
        (json!({ "old_password": PASSWORD }), "Parameters missing"),
        (json!({ "old_password": "a guess", "password": NEW }), "Current password does not match."),
        (
            json!({ "old_password": PASSWORD, "password": "zq9-fjw" }),
            "Password must have at least 8 characters.",
        ),
        (
            json!({ "old_password": PASSWORD, "password": "password" }),
            "Password is one of the most common ones.",
        ),
        (
            json!({ "old_password": PASSWORD, "password": "x".repeat(1025) }),
            "Password must not have more than 1024 bytes.",
        ),
        (
            json!({ "old_password": PASSWORD, "password": "alice@example.test" }),
            "Password must not be the email address.",
        ),
    ] {
        is(&alice.post(USER, body).await, 400, &failure(message));
    }
    signs_in(&app, "alice", PASSWORD).await;
}

/// A password that was mailed for another contract, and not used yet, is known to the holder alone.
#[tokio::test]
async fn a_mailed_password_counts_as_the_old_one() {
    let app = TestApp::start().await;
    let alice = app.has(account("alice")).await;
    let auth = signs_in(&app, "alice", PASSWORD).await;
    let timeslot = app.anonymous().with("Content-Type", "application/json");
    timeslot.post("/v1/users/reset", json!({ "email": alice.email() })).await;
    let mailed = app.deliver().await.only_letter_to(&alice.email()).password();
    let body = json!({ "old_password": mailed, "password": NEW });
    assert_eq!(axios(&carrying(&app.anonymous(), &auth)).post(USER, body).await.status, 200);
    is(&login(&app.anonymous(), "alice", &mailed).await, 401, MISMATCH);
}

#[tokio::test]
async fn nobody_changes_a_password_without_a_live_token() {
    let app = TestApp::start().await;
    app.has(account("alice")).await;
    let auth = signs_in(&app, "alice", PASSWORD).await;
    carrying(&app.anonymous(), &auth).get("/logout").await;
    let body = json!({ "old_password": PASSWORD, "password": NEW });
    for client in [app.anonymous(), carrying(&app.anonymous(), &auth)] {
        is(&axios(&client).post(USER, body.clone()).await, 401, NO_TOKEN);
    }
}
