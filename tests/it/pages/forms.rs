//! Forms are taken from our own pages only, shown to the browser that sends them.

use super::Visitor;
use crate::support::{PASSWORD, TestApp, account};

/// Every form that needs a session: what would be sent to it.
const FORMS: &[&str] = &[
    "/sign-out",
    "/account/profile",
    "/account/password",
    "/account/email",
    "/account/sessions/end",
    "/account/sessions/end-others",
];

#[tokio::test]
async fn a_form_without_its_token_or_with_one_of_another_session_is_refused() {
    let app = TestApp::start().await;
    app.has(account("alice")).await;
    app.has(account("mallory")).await;
    let mut alice = Visitor::signed_in(&app, "alice").await;
    let mut mallory = Visitor::signed_in(&app, "mallory").await;
    let stolen = alice.get("/account").await.field("/sign-out", "form_token");
    let own = mallory.get("/account").await.field("/sign-out", "form_token");
    let anonymous = Visitor::at(&app).get("/sign-in").await.field("/sign-in", "form_token");
    for action in FORMS {
        for token in ["", "nonsense", stolen.as_str(), anonymous.as_str()] {
            let answer = mallory.post_once(action, &[("form_token", token), ("session", "1")]).await;
            assert_eq!(answer.status, 403, "{action} with {token:?}");
            let text = String::from_utf8(answer.body).unwrap();
            assert!(text.contains("The form is out of date"), "{text}");
        }
    }
    assert_ne!(mallory.post_once("/account/profile", &[("form_token", &own)]).await.status, 403);
    alice.get("/account").await.is_at("/account");
}

#[tokio::test]
async fn forms_for_strangers_go_with_the_browser_too() {
    let app = TestApp::start().await;
    app.has(account("alice")).await;
    let mut attacker = Visitor::at(&app);
    let theirs = attacker.get("/sign-in").await.field("/sign-in", "form_token");
    let typed = [("username", "alice"), ("password", PASSWORD), ("form_token", theirs.as_str())];
    let mut victim = Visitor::at(&app);
    assert_eq!(victim.post_once("/sign-in", &typed).await.status, 403, "without a cookie");
    victim.get("/sign-in").await;
    assert_eq!(victim.post_once("/sign-in", &typed).await.status, 403, "with the cookie of another browser");
    assert_eq!(attacker.post_once("/sign-in", &typed).await.status, 303);
    let asked = victim.post_once("/forgot-password", &[("email", "alice@example.test")]).await;
    assert_eq!(asked.status, 403);
}

#[tokio::test]
async fn a_form_that_another_site_sends_is_refused_even_with_a_good_token() {
    let app = TestApp::start().await;
    app.has(account("alice")).await;
    let mut alice = Visitor::signed_in(&app, "alice").await;
    let token = alice.get("/account").await.field("/sign-out", "form_token");
    for (name, value) in [
        ("Sec-Fetch-Site", "cross-site"),
        ("Sec-Fetch-Site", "same-site"),
        ("Origin", "https://evil.test"),
        ("Origin", "null"),
    ] {
        let mut crossing = alice.with(name, value);
        let answer = crossing.post_once("/account/sessions/end-others", &[("form_token", &token)]).await;
        assert_eq!(answer.status, 403, "{name}: {value}");
    }
    let ours = format!("http://{}", app.address());
    for (name, value) in [("Sec-Fetch-Site", "same-origin"), ("Origin", ours.as_str())] {
        let mut crossing = alice.with(name, value);
        let answer = crossing.post_once("/account/sessions/end-others", &[("form_token", &token)]).await;
        assert_eq!(answer.status, 303, "{name}: {value}");
    }
}

#[tokio::test]
async fn no_two_tokens_are_alike() {
    let app = TestApp::start().await;
    app.has(account("alice")).await;
    let mut alice = Visitor::signed_in(&app, "alice").await;
    let (one, two) = (alice.get("/account").await, alice.get("/account").await);
    assert_ne!(one.field("/sign-out", "form_token"), two.field("/sign-out", "form_token"));
}

#[tokio::test]
async fn a_session_that_ended_while_somebody_typed_leads_to_the_sign_in_page() {
    let app = TestApp::start().await;
    app.has(account("alice")).await;
    let mut alice = Visitor::signed_in(&app, "alice").await;
    let form = alice.get("/account/profile").await;
    app.sql("DELETE FROM latchkey.session").await;
    alice.send_form(&form, "/account/profile", &[("full_name", "A")]).await.is_at("/sign-in");
}
