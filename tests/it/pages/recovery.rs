//! Forgotten passwords at the page.

use super::Visitor;
use crate::support::{PASSWORD, TestApp, account};

const NEW: &str = "eleven quiet lanterns";

/// Asks for a letter and returns the link in it, below the server.
pub async fn link_for(app: &TestApp, address: &str) -> String {
    let mut guest = Visitor::at(app);
    let form = guest.get("/forgot-password").await;
    let sent = guest.send_form(&form, "/forgot-password", &[("email", address)]).await;
    sent.is_at("/forgot-password/sent").says("If an account has that address");
    format!("/reset-password?token={}", app.deliver().await.only_letter_to(address).reset_key())
}

#[tokio::test]
async fn forgot_letter_new_password_sign_in() {
    let app = TestApp::start().await;
    app.has(account("alice")).await;
    let link = link_for(&app, "alice@example.test").await;
    let mut alice = Visitor::at(&app);
    let form = alice.get(&link).await;
    form.is_at("/reset-password");
    let typed = [("password", NEW), ("password_again", NEW)];
    alice.send_form(&form, "/reset-password", &typed).await.is_at("/reset-password/done");
    alice.sign_in("alice", NEW).await.is_at("/account");
    Visitor::at(&app).sign_in("alice", PASSWORD).await.is_refused();
    app.deliver().await.only_letter_to("alice@example.test");
}

#[tokio::test]
async fn the_key_leaves_the_address_at_once_and_is_never_used_up_by_opening() {
    let app = TestApp::start().await;
    app.has(account("alice")).await;
    let link = link_for(&app, "alice@example.test").await;
    let key = link.split_once("token=").unwrap().1.to_owned();
    for method in ["GET", "HEAD", "GET"] {
        let opened = Visitor::at(&app).once(method, &link, None).await;
        assert_eq!((opened.status, opened.headers["location"].to_str().unwrap()), (303, "/reset-password"));
        assert_eq!(opened.headers["referrer-policy"], "no-referrer");
        assert_eq!(opened.headers["cache-control"], "no-store");
        let cookie = opened.headers["set-cookie"].to_str().unwrap();
        assert!(cookie.contains("HttpOnly; SameSite=Lax; Path=/reset-password; Max-Age=900"), "{cookie}");
    }
    let mut alice = Visitor::at(&app);
    let form = alice.get(&link).await;
    assert_eq!(form.place, "/reset-password");
    assert_eq!(form.field("/reset-password", "token"), key);
    assert!(!alice.get("/sign-in").await.text.contains(&key), "no other page gets the key");
}

#[tokio::test]
async fn a_page_without_its_link_says_what_to_do() {
    let app = TestApp::start().await;
    let mut guest = Visitor::at(&app);
    let page = guest.get("/reset-password").await;
    assert_eq!(page.status, 400);
    page.says("Open the link in the letter once more.");
    for dead in ["/reset-password?token=short", "/reset-password?token=aaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"] {
        let page = guest.get(dead).await;
        assert_eq!(page.status, 410);
        page.says("This link doesn't work any more").says("Ask for another letter");
        assert!(page.text.contains("href=\"/forgot-password\""), "{}", page.text);
    }
    for (dead, advice) in [
        ("/register?token=short", "ask whoever invited you"),
        ("/confirm-email?token=short", "change the address once more"),
    ] {
        let page = guest.get(dead).await;
        assert_eq!(page.status, 410);
        page.says("This link doesn't work any more").says(advice);
        assert!(!page.text.contains("/forgot-password"), "no reset would help: {}", page.text);
    }
}

#[tokio::test]
async fn a_refused_password_is_explained_beside_its_field_and_the_key_stays_good() {
    let app = TestApp::start().await;
    app.has(account("alice.liddell")).await;
    let link = link_for(&app, "alice.liddell@example.test").await;
    let mut alice = Visitor::at(&app);
    let mut form = alice.get(&link).await;
    for (one, two, fault) in [
        ("", "", "Type the password twice."),
        (NEW, "another one", "The two passwords are not the same."),
        ("short", "short", "at least 8 characters"),
        ("Alice.Liddell", "Alice.Liddell", "must not be the user name"),
        ("alice.liddell@example.test", "alice.liddell@example.test", "must not be the e-mail address"),
        ("password1", "password1", "on the list of the most common ones"),
        (&"q".repeat(1025), &"q".repeat(1025), "at most 1,024 bytes"),
    ] {
        form = alice.send_form(&form, "/reset-password", &[("password", one), ("password_again", two)]).await;
        form.faults("password", fault);
        let both = one.is_empty() || one != two;
        let wrong = form.text.matches("aria-invalid=\"true\"").count();
        assert_eq!(wrong, if both { 2 } else { 1 }, "both fields are wrong where they differ: {}", form.text);
        assert!(one.len() < 6 || !form.text.contains(one), "what was typed is not sent back unasked");
    }
    let typed = [("password", NEW), ("password_again", NEW)];
    alice.send_form(&form, "/reset-password", &typed).await.is_at("/reset-password/done");
}

#[tokio::test]
async fn what_was_typed_is_shown_and_judged_only_when_asked_for() {
    let app = TestApp::start().await;
    app.has(account("alice")).await;
    let link = link_for(&app, "alice@example.test").await;
    let mut alice = Visitor::at(&app);
    let form = alice.get(&link).await;
    let typed = [("password", "qwertyuiop"), ("password_again", "qwertyuiop"), ("show_password", "1")];
    let shown = alice.send_form(&form, "/reset-password", &typed).await;
    assert_eq!(shown.status, 200);
    shown.says("Guessed at once.").says("like a password that many people use");
    assert!(shown.text.contains("type=\"text\" value=\"qwertyuiop\""), "{}", shown.text);
    let typed = [("password", NEW), ("password_again", NEW), ("show_password", "1")];
    alice.send_form(&form, "/reset-password", &typed).await.says("Very hard to guess.");
    alice.sign_in("alice", PASSWORD).await.is_at("/account");
}

#[tokio::test]
async fn unknown_addresses_hear_the_same_and_what_is_no_address_is_said() {
    let app = TestApp::with(|config| {
        config.dialects.traffic_ops.unknown_account = latchkey::service::UnknownAccount::Documented;
    })
    .await;
    let mut guest = Visitor::at(&app);
    let form = guest.get("/forgot-password").await;
    guest
        .send_form(&form, "/forgot-password", &[("email", "nobody@example.test")])
        .await
        .is_at("/forgot-password/sent");
    assert_eq!(app.deliver().await.count(), 0);
    let again = guest.send_form(&form, "/forgot-password", &[("email", "not an address")]).await;
    again.faults("email", "This is not an e-mail address.");
    assert!(again.text.contains("value=\"not an address\""));
}
