//! Signing in and out at the page.

use super::Visitor;
use crate::support::{PASSWORD, TestApp, account};

#[tokio::test]
async fn signing_in_leads_to_the_account_and_signing_out_ends_the_session() {
    let app = TestApp::start().await;
    app.has(account("alice")).await;
    let mut alice = Visitor::at(&app);
    let first = alice.get("/").await;
    first.is_at("/").says("Sign in to see yours.");
    let page = alice.sign_in("alice", PASSWORD).await;
    page.is_at("/account").says("alice@example.test").says("read-only");
    let stolen = alice.cookie("mojolicious").unwrap().to_owned();
    let out = alice.send_form(&page, "/sign-out", &[]).await;
    out.is_at("/sign-in?notice=signed_out").says("You are signed out.");
    assert_eq!(alice.cookie("mojolicious"), None);
    alice.keep("mojolicious", &stolen);
    alice.get("/account").await.is_at("/sign-in");
}

#[tokio::test]
async fn a_wrong_password_and_an_unknown_name_sound_alike_and_the_name_is_kept() {
    let app = TestApp::start().await;
    app.has(account("alice")).await;
    let mut guest = Visitor::at(&app);
    for (username, password) in [("alice", "wrong"), ("nobody <b>", PASSWORD)] {
        let page = guest.sign_in(username, password).await;
        page.is_refused();
        assert_eq!(page.status, 401);
        let typed = username.replace('<', "&lt;").replace('>', "&gt;");
        assert!(page.text.contains(&format!("value=\"{typed}\"")), "{}", page.text);
        assert!(!page.text.contains(password), "a password is never sent back unasked");
    }
    let empty = guest.sign_in("", "").await;
    empty.faults("username", "Type your user name").faults("password", "Type your password");
}

#[tokio::test]
async fn whoever_was_not_signed_in_gets_to_the_page_that_was_asked_for() {
    let app = TestApp::start().await;
    app.has(account("alice")).await;
    let mut alice = Visitor::at(&app);
    let form = alice.get("/account/sessions").await;
    form.is_at("/sign-in?next=%2Faccount%2Fsessions").says("Sign in to go on.");
    let typed = [("username", "alice"), ("password", "wrong")];
    let again = alice.send_form(&form, "/sign-in", &typed).await;
    let typed = [("username", "alice"), ("password", PASSWORD)];
    alice.send_form(&again, "/sign-in", &typed).await.is_at("/account/sessions");
    alice.get("/sign-in?next=%2Faccount%2Fprofile").await.is_at("/account/profile");
}

#[tokio::test]
async fn nobody_is_led_to_another_site() {
    let app = TestApp::start().await;
    app.has(account("alice")).await;
    for next in ["https://evil.test/", "//evil.test", "/\\evil.test", "/\t/evil.test", "javascript:alert(1)"]
    {
        let mut alice = Visitor::at(&app);
        let form = alice.get("/sign-in").await;
        let typed = [("username", "alice"), ("password", PASSWORD), ("next", next)];
        alice.send_form(&form, "/sign-in", &typed).await.is_at("/account");
    }
}

#[tokio::test]
async fn a_session_of_the_pages_is_one_of_the_api_and_the_other_way_round() {
    let app = TestApp::start().await;
    let client = app.signed_in(account("alice")).await;
    let mut alice = Visitor::at(&app);
    alice.keep("mojolicious", client.cookie("mojolicious").unwrap());
    let page = alice.get("/account").await;
    page.is_at("/account");
    alice.send_form(&page, "/sign-out", &[]).await;
    client.get("user/current").await.refuses(401, "unauthorized, please log in.");
}

#[tokio::test]
async fn a_second_sign_in_ends_the_first_session_of_the_browser() {
    let app = TestApp::start().await;
    app.has(account("alice")).await;
    app.has(account("bob")).await;
    let mut browser = Visitor::at(&app);
    let form = browser.get("/sign-in").await;
    browser
        .send_form(&form, "/sign-in", &[("username", "alice"), ("password", PASSWORD)])
        .await
        .is_at("/account");
    // A sign-in form that was left open in another tab.
    let typed = [("username", "bob"), ("password", PASSWORD)];
    browser.send_form(&form, "/sign-in", &typed).await.says("bob@example.test");
    assert_eq!(app.number("SELECT count(*) FROM latchkey.session").await, 1);
}

#[tokio::test]
async fn people_sign_in_with_their_address_too_and_a_refusal_says_no_more() {
    let app = TestApp::start().await;
    app.has(account("alice")).await;
    for name in ["alice@example.test", "ALICE@Example.test", " alice@example.test ", "alice"] {
        let mut alice = Visitor::at(&app);
        alice.sign_in(name, PASSWORD).await.is_at("/account").says("User name alice");
        // The cookie says the user name, whatever was typed: programs read it.
        let answer = alice.once("GET", "/api/5.0/user/current", None).await;
        assert!(String::from_utf8(answer.body).unwrap().contains("\"username\":\"alice\""), "{name:?}");
    }
    let mut guest = Visitor::at(&app);
    guest.sign_in("Alice", PASSWORD).await.is_refused();
    let known = guest.sign_in("alice@example.test", "wrong").await;
    let unknown = guest.sign_in("nobody@example.test", "wrong").await;
    assert_eq!((known.status, unknown.status), (401, 401));
    assert_eq!(known.words(), unknown.words());
}

#[tokio::test]
async fn what_looks_like_an_address_is_first_of_all_somebody_s_address() {
    let app = TestApp::start().await;
    app.has(account("alice")).await;
    let mut other = account("bob");
    other.username = latchkey::domain::Username::parse("alice@example.test").unwrap();
    app.has(other).await;
    for typed in ["alice@example.test", "Alice@example.test"] {
        Visitor::at(&app).sign_in(typed, PASSWORD).await.is_at("/account").says("User name alice");
    }
}
