//! Forgotten passwords: the letter, its key, and what a new password ends.

use serde_json::json;

use super::program::refuse_at_commit;
use crate::support::{Client, PASSWORD, TestApp, account, form};

const NEW: &str = "another horse, another staple";

async fn ask(client: &Client, email: &str) {
    let answer = client.without_cookies().post("user/reset_password", json!({ "email": email })).await;
    answer.says(&format!("Successfully sent password reset to email '{email}'"));
}

async fn try_key(app: &TestApp, key: &str) -> u16 {
    app.anonymous().post("user/login/token", json!({ "t": key })).await.status
}

/// The request of the seed document 003, and its answer: status, headers, body.
#[tokio::test]
async fn the_seed_s_request_gets_the_seed_s_answer() {
    let app = TestApp::start().await;
    let mut reader = app.signed_in(account("reader")).await;
    app.sql("UPDATE tm_user SET email = 'test@example.com'").await;
    reader = reader
        .with("User-Agent", "curl/7.47.0")
        .with("Accept", "*/*")
        .with("Content-Type", "application/json");
    let answer = reader
        .send("POST", "user/reset_password", Some("{\n\t\"email\": \"test@example.com\"\n}".into()))
        .await;
    answer.says("Successfully sent password reset to email 'test@example.com'");
    for (name, value) in [
        ("Access-Control-Allow-Credentials", "true"),
        ("Access-Control-Allow-Headers", "Origin, X-Requested-With, Content-Type, Accept"),
        ("Access-Control-Allow-Methods", "POST,GET,OPTIONS,PUT,DELETE"),
        ("Access-Control-Allow-Origin", "*"),
        ("Cache-Control", "no-cache, no-store, max-age=0, must-revalidate"),
        ("Content-Type", "application/json"),
        ("Vary", "Accept-Encoding"),
    ] {
        assert_eq!(answer.headers[name], value);
    }
    for name in ["Date", "X-Server-Name", "Set-Cookie", "Whole-Content-Sha512", "Content-Length"] {
        assert!(answer.headers.contains_key(name), "{name}");
    }
    assert!(answer.headers["set-cookie"].to_str().unwrap().contains("Max-Age=3600"));
    assert_eq!(app.deliver().await.only_letter_to("test@example.com").key().map(|key| key.len()), Some(30));
}

#[tokio::test]
async fn a_reset_key_works_once_and_for_an_hour() {
    let app = TestApp::start().await;
    let alice = app.has(account("alice")).await;
    let key = app.mailed_key(&alice.email()).await;
    app.after(59);
    assert_eq!(try_key(&app, &key).await, 200);
    assert_eq!(try_key(&app, &key).await, 401);
    let key = app.mailed_key(&alice.email()).await;
    app.after(61);
    assert_eq!(try_key(&app, &key).await, 401);
}

#[tokio::test]
async fn a_key_is_not_used_up_by_a_session_that_could_not_be_opened() {
    let app = TestApp::start().await;
    let alice = app.has(account("alice")).await;
    let key = app.mailed_key(&alice.email()).await;
    refuse_at_commit(&app, &["latchkey.session"]).await;
    assert_eq!(try_key(&app, &key).await, 500);
    app.sql("DROP FUNCTION refuse CASCADE").await;
    assert_eq!(try_key(&app, &key).await, 200);
}

#[tokio::test]
async fn only_the_newest_request_has_a_good_key() {
    let app = TestApp::start().await;
    let alice = app.has(account("alice")).await;
    let first = app.mailed_key(&alice.email()).await;
    let second = app.mailed_key(&alice.email()).await;
    assert_eq!(try_key(&app, &first).await, 401);
    assert_eq!(try_key(&app, &second).await, 200);
}

#[tokio::test]
async fn asking_alone_changes_nothing() {
    let app = TestApp::start().await;
    let mut alice = app.signed_in(account("alice")).await;
    ask(&alice, &alice.email()).await;
    app.deliver().await;
    assert_eq!(alice.get("user/current").await.status, 200);
    alice.sign_in(PASSWORD).await;
}

#[tokio::test]
async fn strangers_can_not_tell_who_has_an_account() {
    let app = TestApp::start().await;
    let alice = app.has(account("alice")).await;
    let guest = app.anonymous();
    ask(&guest, "nobody@example.test").await;
    ask(&guest, &alice.email()).await;
    let letters = app.deliver().await;
    assert_eq!(letters.count(), 1);
    letters.only_letter_to(&alice.email());
    assert_eq!(app.number("SELECT count(*) FROM latchkey.outbox WHERE recipient LIKE 'nobody%'").await, 0);
}

#[tokio::test]
async fn the_documented_answer_to_an_unknown_address_can_be_switched_on() {
    let documented = latchkey::service::UnknownAccount::Documented;
    let app = TestApp::with(|config| config.dialects.traffic_ops.unknown_account = documented).await;
    let alice = app.has(account("alice")).await;
    ask(&alice, &alice.email()).await;
    let answer = app.anonymous().post("user/reset_password", json!({ "email": "nobody@example.test" })).await;
    answer.refuses(404, "No account with the email address 'nobody@example.test' was found!");
}

#[tokio::test]
async fn an_address_is_found_in_any_case_and_with_a_display_name() {
    let app = TestApp::start().await;
    let alice = app.has(account("alice")).await;
    for written in ["ALICE@example.test", "Alice <alice@example.test>"] {
        let answer = app.anonymous().post("user/reset_password", json!({ "email": written })).await;
        assert_eq!(answer.status, 200);
        app.deliver().await.only_letter_to(&alice.email());
    }
}

#[tokio::test]
async fn what_is_no_address_is_refused_and_no_letter_goes_out() {
    let app = TestApp::start().await;
    for bad in ["", "not-an-email", "a@@b", "a@b.test, c@d.test", "a@b.test\r\nBcc: x@y.test"] {
        let answer = app.anonymous().post("user/reset_password", json!({ "email": bad })).await;
        assert_eq!(answer.status, 400, "{bad:?}");
        assert!(answer.text().starts_with("Malformed request: "));
    }
    assert_eq!(app.deliver().await.count(), 0);
}

#[tokio::test]
async fn the_portal_s_way_key_then_session_then_new_password() {
    let app = TestApp::start().await;
    let alice = app.signed_in(account("alice")).await;
    let key = app.mailed_key(&alice.email()).await;
    let mut portal = app.anonymous();
    let answer = portal.post("user/login/token", json!({ "t": key })).await;
    answer.says("Successfully logged in.");
    assert_eq!(answer.cookie("access_token"), None);
    portal.keep(&answer);
    portal.changes_own("localPasswd", NEW).await;
    assert_eq!(portal.get("user/current").await.status, 200, "the session in which it was changed goes on");
    alice.get("user/current").await.refuses(401, "unauthorized, please log in.");
    let notice = app.deliver().await.only_letter_to(&alice.email());
    assert!(notice.key().is_none() && !notice.text.contains(NEW));
    let old = app.anonymous().post("user/login", json!({ "u": "alice", "p": PASSWORD })).await;
    old.refuses(401, "Invalid username or password.");
    app.anonymous()
        .post("user/login", json!({ "u": "alice", "p": NEW }))
        .await
        .says("Successfully logged in.");
}

#[tokio::test]
async fn the_page_s_way_link_then_form_then_new_password() {
    let app = TestApp::start().await;
    let alice = app.signed_in(account("alice")).await;
    let key = app.mailed_key(&alice.email()).await;
    let (guest, page) = (app.anonymous(), format!("/reset-password?token={key}"));
    for method in ["GET", "HEAD", "GET"] {
        let opened = guest.send(method, &page, None).await;
        assert_eq!(opened.status, 303, "opening the link leaves the key good");
        assert_eq!(opened.headers["referrer-policy"], "no-referrer");
        assert_eq!(opened.headers["cache-control"], "no-store");
    }
    assert_eq!(guest.send("OPTIONS", &page, None).await.status, 204);
    for (one, two) in
        [("short", "short"), (NEW, "not the same"), ("alice", "alice"), ("password1", "password1")]
    {
        let pairs = [("token", key.as_str()), ("password", one), ("password_again", two)];
        assert_eq!(guest.send("POST", "/reset-password", form(&pairs)).await.status, 400, "{one}");
    }
    let pairs = [("token", key.as_str()), ("password", NEW), ("password_again", NEW)];
    let done = guest.send("POST", "/reset-password", form(&pairs)).await;
    assert_eq!((done.status, done.headers["location"].to_str().unwrap()), (303, "/reset-password/done"));
    assert!(!done.headers.contains_key("set-cookie"), "nobody is signed in by a reset");
    assert_eq!(guest.send("POST", "/reset-password", form(&pairs)).await.status, 410);
    assert_eq!(guest.send("GET", &page, None).await.status, 410);
    alice.get("user/current").await.refuses(401, "unauthorized, please log in.");
    app.deliver().await.only_letter_to(&alice.email());
    guest.post("user/login", json!({ "u": "alice", "p": NEW })).await.says("Successfully logged in.");
}

#[tokio::test]
async fn a_changed_password_voids_keys_and_letters_that_still_wait() {
    let app = TestApp::start().await;
    let alice = app.signed_in(account("alice")).await;
    let key = app.mailed_key(&alice.email()).await;
    ask(&alice, &alice.email()).await;
    alice.changes_own("localPasswd", NEW).await;
    assert_eq!(try_key(&app, &key).await, 401);
    assert!(app.deliver().await.only_letter_to(&alice.email()).key().is_none(), "only the notice");
}

#[tokio::test]
async fn a_changed_address_voids_keys() {
    let app = TestApp::start().await;
    let alice = app.signed_in(account("alice")).await;
    let key = app.mailed_key(&alice.email()).await;
    alice.changes_own("email", "alice@elsewhere.test").await;
    assert_eq!(try_key(&app, &key).await, 401);
}

#[tokio::test]
async fn those_who_may_not_sign_in_can_not_by_a_key_either() {
    let app = TestApp::start().await;
    let alice = app.has(account("alice")).await;
    let key = app.mailed_key(&alice.email()).await;
    app.disallows_everybody().await;
    let answer = app.anonymous().post("user/login/token", json!({ "t": key })).await;
    answer.refuses(401, "Invalid token. Please contact your administrator.");
}

#[tokio::test]
async fn the_database_holds_nothing_that_opens_an_account() {
    let app = TestApp::start().await;
    let alice = app.signed_in(account("alice")).await;
    let key = app.mailed_key(&alice.email()).await;
    app.stores_none_of(&[&key, PASSWORD]).await;
}
