//! Tokens of accounts: whose they are, and what ends them.

use serde_json::json;

use super::program::{
    BAD_TOKEN, DONE, NO_TOKEN, Program, REMIND, UPDATE, UPDATED, carrying, is, mailed_key, post, reset, said,
    update,
};
use crate::support::{PASSWORD, TestApp, account, unthrottled};

/// Check 4 of the four contracts' list: a program called like the number of an account is nobody's account.
#[tokio::test]
async fn check_4_a_client_s_token_is_never_taken_for_a_user_s() {
    let app = TestApp::start().await;
    app.has(account("alice")).await;
    let number = app.number("SELECT id FROM tm_user WHERE username = 'alice'").await.to_string();
    let program = Program::known(&app, &number).await;
    let website = program.with_token().await;
    is(&update(&website, "azerty").await, 401, BAD_TOKEN);
    is(&update(&app.anonymous(), "azerty").await, 401, NO_TOKEN);
    let alice = program.signs_in("alice", PASSWORD).await;
    is(&update(&carrying(&app.anonymous(), &alice.access), "azerty").await, 200, UPDATED);
}

#[tokio::test]
async fn a_user_s_token_does_where_a_client_s_is_asked_for() {
    let app = TestApp::start().await;
    let alice = app.has(account("alice")).await;
    let tokens = Program::known(&app, "website").await.signs_in("alice", PASSWORD).await;
    mailed_key(&app, &carrying(&app.anonymous(), &tokens.access), &alice.email()).await;
}

#[tokio::test]
async fn a_new_password_keeps_the_token_it_came_with_and_ends_everything_else() {
    let app = TestApp::start().await;
    let portal = app.signed_in(account("alice")).await;
    let program = Program::known(&app, "website").await;
    let (this, that) = (program.signs_in("alice", PASSWORD).await, program.signs_in("alice", PASSWORD).await);
    let key = mailed_key(&app, &program.with_token().await, &portal.email()).await;
    let alice = carrying(&app.anonymous(), &this.access);
    is(&update(&alice, "azerty").await, 200, UPDATED);
    is(&update(&alice, "qwertz").await, 200, UPDATED);
    is(&update(&carrying(&app.anonymous(), &that.access), "thief1").await, 401, BAD_TOKEN);
    assert_eq!(program.refreshes(&that.refresh).await.status, 400);
    assert_eq!(program.refreshes(&this.refresh).await.status, 200);
    portal.get("user/current").await.refuses(401, "unauthorized, please log in.");
    let late = reset(&program.with_token().await, &portal.email(), &key, "azerty").await;
    assert_eq!(late.json()["status"], "wrong_token", "keys are void");
    assert_eq!(app.deliver().await.count(), 2, "each change is told");
    program.signs_in("alice", "qwertz").await;
}

#[tokio::test]
async fn each_rule_for_an_own_password_has_its_sentence() {
    let app = TestApp::start().await;
    app.has(account("alice.liddell")).await;
    let tokens = Program::known(&app, "website").await.signs_in("alice.liddell", PASSWORD).await;
    let alice = carrying(&app.anonymous(), &tokens.access).with("Content-Type", "application/json");
    let long = "x".repeat(1025);
    for (password, again, sentence) in [
        (json!(null), json!(null), "The password field is required."),
        (json!(""), json!(""), "The password field is required."),
        (json!("azert"), json!("other"), "The password must be at least 6 characters."),
        (json!("éèêëē"), json!("éèêëē"), "The password must be at least 6 characters."),
        (json!("azerty"), json!("qwerty"), "The password confirmation does not match."),
        (json!("azerty"), json!(null), "The password confirmation does not match."),
        (json!("alice.liddell"), json!("alice.liddell"), "The password may not be the login."),
        (json!(long), json!(long), "The password may not be greater than 1024 bytes."),
    ] {
        let body = json!({ "password": password, "password_confirmation": again });
        let expected = json!({ "status": "wrong_password", "error": sentence });
        is(&alice.put(UPDATE, body).await, 400, &expected.to_string());
    }
    is(
        &alice.put(UPDATE, json!({ "password": "azerty", "password_confirmation": "azerty" })).await,
        200,
        UPDATED,
    );
}

#[tokio::test]
async fn tokens_of_disabled_accounts_are_dead() {
    let app = TestApp::start().await;
    app.has(account("alice")).await;
    let program = Program::known(&app, "website").await;
    let tokens = program.signs_in("alice", PASSWORD).await;
    let alice = carrying(&app.anonymous(), &tokens.access);
    app.disallows_everybody().await;
    is(&update(&alice, "azerty").await, 401, BAD_TOKEN);
    is(&post(&alice, REMIND, &[("email", "x@example.test")]).await, 401, BAD_TOKEN);
    let refused =
        program.asks(&[("grant_type", "password"), ("username", "alice"), ("password", PASSWORD)]).await;
    assert_eq!(refused.json()["error_description"], "The user credentials were incorrect.");
}

#[tokio::test]
async fn a_reset_here_ends_traffic_ops_sessions_and_every_token() {
    let app = TestApp::start().await;
    let portal = app.signed_in(account("alice")).await;
    let program = Program::known(&app, "website").await;
    let tokens = program.signs_in("alice", PASSWORD).await;
    let website = program.with_token().await;
    let key = mailed_key(&app, &website, &portal.email()).await;
    is(&reset(&website, &portal.email(), &key, "azerty").await, 200, DONE);
    portal.get("user/current").await.refuses(401, "unauthorized, please log in.");
    is(&update(&carrying(&app.anonymous(), &tokens.access), "thief1").await, 401, BAD_TOKEN);
    assert_eq!(program.refreshes(&tokens.refresh).await.status, 400);
    let notice = app.deliver().await.only_letter_to(&portal.email());
    assert!(notice.key().is_none() && !notice.text.contains("azerty"));
    assert_eq!(
        post(&website, REMIND, &[("email", &portal.email())]).await.status,
        200,
        "the client's own lives on"
    );
}

/// Whoever has a stolen token must not have the last word when the holder resets the password at the same moment.
#[tokio::test(flavor = "multi_thread")]
async fn a_reset_wins_over_a_change_with_a_stolen_token() {
    let app = TestApp::with(unthrottled).await;
    let alice = app.has(account("alice")).await;
    let program = Program::known(&app, "website").await;
    let website = program.with_token().await;
    let mut password = PASSWORD.to_owned();
    for round in 0..12 {
        let stolen = carrying(&app.anonymous(), &program.signs_in("alice", &password).await.access);
        let key = mailed_key(&app, &website, &alice.email()).await;
        let (chosen, email) = (format!("chosen by alice {round}"), alice.email());
        let (done, thief) = tokio::join!(reset(&website, &email, &key, &chosen), update(&stolen, "thief1"));
        password = match (done.status, thief.status) {
            (200, 200 | 401) => chosen,
            // The change came first, and voided the key as any change does.
            (400, 200) => "thief1".to_owned(),
            other => panic!("{other:?}"),
        };
        program.signs_in("alice", &password).await;
        app.deliver().await;
    }
}

#[tokio::test]
async fn a_new_password_in_traffic_ops_ends_the_tokens_here() {
    let app = TestApp::start().await;
    let portal = app.signed_in(account("alice")).await;
    let program = Program::known(&app, "website").await;
    let tokens = program.signs_in("alice", PASSWORD).await;
    portal.changes_own("localPasswd", "white rabbit").await;
    is(&update(&carrying(&app.anonymous(), &tokens.access), "thief1").await, 401, BAD_TOKEN);
    assert_eq!(program.refreshes(&tokens.refresh).await.status, 400);
    program.signs_in("alice", "white rabbit").await;
}

#[tokio::test]
async fn the_database_holds_nothing_that_opens_an_account() {
    let app = TestApp::start().await;
    let alice = app.has(account("alice")).await;
    let program = Program::known(&app, "website").await;
    let tokens = program.signs_in("alice", PASSWORD).await;
    let website = program.token().await;
    let key = mailed_key(&app, &carrying(&app.anonymous(), &website), &alice.email()).await;
    let secrets = [program.secret(), &tokens.access, &tokens.refresh, &website, &key, PASSWORD];
    app.stores_none_of(&secrets).await;
    let answer = program.asks(&[("grant_type", "refresh_token"), ("refresh_token", &key)]).await;
    assert!(!said(&answer).contains(&key));
}
