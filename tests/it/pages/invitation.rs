//! The page behind an invitation.

use serde_json::json;

use super::Visitor;
use crate::support::{TestApp, account};

const NEW: &str = "eleven quiet lanterns";

/// Invites somebody by the API, and returns the link in the letter, below the server.
pub async fn invite(app: &TestApp, address: &str) -> String {
    let boss = app.administrator().await;
    let tenant = app.number("SELECT id FROM public.tenant WHERE name = 'root'").await;
    let invitation = json!({ "email": address, "role": "read-only", "tenantId": tenant });
    assert_eq!(boss.post("users/register", invitation).await.status, 200);
    let letter = app.deliver().await.only_letter_to(address);
    format!("/register?token={}", letter.reset_key())
}

#[tokio::test]
async fn whoever_is_invited_chooses_a_name_and_a_password_and_signs_in() {
    let app = TestApp::start().await;
    app.has(account("taken")).await;
    let link = invite(&app, "carol@example.test").await;
    let mut carol = Visitor::at(&app);
    let form = carol.get(&link).await;
    form.is_at("/register")
        .says("You are invited as carol@example.test to join root with the role read-only.");
    let choice = |username: &'static str, password: &'static str| {
        [
            ("username", username),
            ("full_name", "Carol C."),
            ("password", password),
            ("password_again", password),
        ]
    };
    let page = carol.send_form(&form, "/register", &choice("", NEW)).await;
    page.faults("username", "Type a user name.");
    assert!(page.text.contains("value=\"Carol C.\""), "what was typed is kept");
    let page = carol.send_form(&form, "/register", &choice("taken", NEW)).await;
    page.faults("username", "Another account has this user name.");
    let page = carol.send_form(&form, "/register", &choice("carol.c", "short")).await;
    page.faults("password", "at least 8 characters");
    let page = carol.send_form(&form, "/register", &choice("carol", NEW)).await;
    page.is_at("/sign-in?notice=registered").says("Your account is open.");
    carol.sign_in("carol", NEW).await.is_at("/account").says("Carol C.");
    assert_eq!(app.deliver().await.count(), 0, "nobody is told that a first password was set");
    assert_eq!(carol.get(&link).await.status, 410);
}

#[tokio::test]
async fn the_key_of_a_reset_letter_opens_no_registration() {
    let app = TestApp::start().await;
    app.has(account("alice")).await;
    let link = super::recovery::link_for(&app, "alice@example.test").await;
    let link = link.replace("/reset-password", "/register");
    assert_eq!(Visitor::at(&app).get(&link).await.status, 410);
}
