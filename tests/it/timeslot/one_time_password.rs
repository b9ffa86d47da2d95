//! The mailed password: a second credential, until somebody signs in with it.

use serde_json::json;

use super::program::{
    BAD_TOKEN, MISMATCH, is, mailed_password, reset, sign_in, sign_out, token, with_mailed_password,
};
use crate::support::{PASSWORD, TestApp, account};

#[tokio::test]
async fn asking_alone_changes_nothing() {
    let app = TestApp::start().await;
    let alice = app.signed_in(account("alice")).await;
    let earlier = token(&sign_in(&alice, &alice.email(), PASSWORD).await);
    mailed_password(&app, &alice.email()).await;
    assert_eq!(alice.get("user/current").await.status, 200, "the session goes on");
    is(&sign_out(&app, &earlier).await, 200, " ");
    token(&sign_in(&app.anonymous(), &alice.email(), PASSWORD).await);
}

#[tokio::test]
async fn the_first_sign_in_makes_it_the_password_and_revokes_everything_else() {
    let app = TestApp::start().await;
    let alice = app.signed_in(account("alice")).await;
    let earlier = token(&sign_in(&app.anonymous(), &alice.email(), PASSWORD).await);
    let guest = app.anonymous();
    let key = app.mailed_key(&alice.email()).await;
    let mailed = mailed_password(&app, &alice.email()).await;
    let now = token(&sign_in(&guest, &alice.email(), &mailed).await);
    is(&sign_in(&guest, &alice.email(), PASSWORD).await, 401, MISMATCH);
    is(&sign_out(&app, &earlier).await, 401, BAD_TOKEN);
    alice.get("user/current").await.refuses(401, "unauthorized, please log in.");
    assert_eq!(guest.post("user/login/token", json!({ "t": key })).await.status, 401, "keys are void");
    let notice = app.deliver().await.only_letter_to(&alice.email());
    assert!(notice.subject.ends_with("Password Changed") && !notice.text.contains(&mailed));
    is(&sign_out(&app, &now).await, 200, " ");
    token(&sign_in(&guest, &alice.email(), &mailed).await);
    guest.post("user/login", json!({ "u": "alice", "p": mailed })).await.says("Successfully logged in.");
    assert_eq!(app.deliver().await.count(), 0, "nothing changed any more");
}

/// The accounts are the same everywhere, so a mailed password opens every door.
#[tokio::test]
async fn it_is_taken_in_the_other_contracts_too() {
    let app = TestApp::start().await;
    let (alice, mailed) = with_mailed_password(&app).await;
    let login = json!({ "u": "alice", "p": mailed });
    app.anonymous().post("user/login", login).await.says("Successfully logged in.");
    is(&sign_in(&app.anonymous(), &alice.email(), PASSWORD).await, 401, MISMATCH);
}

#[tokio::test]
async fn it_is_good_for_a_day() {
    let app = TestApp::start().await;
    let (alice, mailed) = with_mailed_password(&app).await;
    app.after(24 * 60 - 1);
    let letter = mailed_password(&app, &alice.email()).await;
    app.after(24 * 60);
    for late in [&mailed, &letter] {
        is(&sign_in(&app.anonymous(), &alice.email(), late).await, 401, MISMATCH);
    }
    token(&sign_in(&app.anonymous(), &alice.email(), PASSWORD).await);
    let again = mailed_password(&app, &alice.email()).await;
    app.after(24 * 60 - 1);
    token(&sign_in(&app.anonymous(), &alice.email(), &again).await);
}

#[tokio::test]
async fn only_the_newest_letter_holds_a_good_one() {
    let app = TestApp::start().await;
    let (alice, first) = with_mailed_password(&app).await;
    let second = mailed_password(&app, &alice.email()).await;
    is(&sign_in(&app.anonymous(), &alice.email(), &first).await, 401, MISMATCH);
    token(&sign_in(&app.anonymous(), &alice.email(), &second).await);
}

#[tokio::test]
async fn it_opens_no_other_account() {
    let app = TestApp::start().await;
    let (alice, mailed) = with_mailed_password(&app).await;
    let bob = app.has(account("bob")).await;
    is(&sign_in(&app.anonymous(), &bob.email(), &mailed).await, 401, MISMATCH);
    is(&sign_in(&app.anonymous(), "nobody@example.test", &mailed).await, 401, MISMATCH);
    token(&sign_in(&app.anonymous(), &alice.email(), &mailed).await);
}

#[tokio::test]
async fn a_new_password_elsewhere_voids_it_and_the_letters_that_wait() {
    let app = TestApp::start().await;
    let portal = app.signed_in(account("alice")).await;
    let mailed = mailed_password(&app, &portal.email()).await;
    is(&reset(&app.anonymous(), &portal.email()).await, 200, " ");
    portal.changes_own("localPasswd", "white rabbit").await;
    is(&sign_in(&app.anonymous(), &portal.email(), &mailed).await, 401, MISMATCH);
    let notice = app.deliver().await.only_letter_to(&portal.email());
    assert!(notice.subject.ends_with("Password Changed"), "the other letter was withdrawn");
}

#[tokio::test]
async fn a_new_address_voids_it() {
    let app = TestApp::start().await;
    let portal = app.signed_in(account("alice")).await;
    let mailed = mailed_password(&app, &portal.email()).await;
    portal.changes_own("email", "alice@elsewhere.test").await;
    is(&sign_in(&app.anonymous(), "alice@elsewhere.test", &mailed).await, 401, MISMATCH);
}

#[tokio::test]
async fn the_letter_is_in_the_contract_s_words_in_both_forms() {
    let app = TestApp::start().await;
    app.has(account("alice")).await;
    reset(&app.anonymous(), "alice@example.test").await;
    let letter = app.deliver().await.only_letter_to("alice@example.test");
    assert_eq!(letter.subject, "Your new Password for latchkey");
    let password = letter.password();
    assert_eq!(password.len(), 20);
    assert!(letter.html.contains(&password));
    for text in [&letter.text, &letter.html] {
        assert!(text.contains("This is your new password") && text.contains("alice of the tests"));
        assert!(text.contains("24 hours") && text.contains("Nothing has changed"));
        assert!(!text.contains("token="));
    }
}

#[tokio::test]
async fn the_database_holds_nothing_that_opens_an_account() {
    let app = TestApp::start().await;
    let (alice, mailed) = with_mailed_password(&app).await;
    let auth = token(&sign_in(&app.anonymous(), &alice.email(), PASSWORD).await);
    app.stores_none_of(&[&mailed, &auth]).await;
}
