//! A new e-mail address: asked for, confirmed by letter, told to the old one.

use super::Visitor;
use crate::support::{Letters, PASSWORD, TestApp, account};

async fn ask(visitor: &mut Visitor, address: &str) {
    let form = visitor.get("/account/email").await;
    let typed = [("email", address), ("current_password", PASSWORD)];
    let page = visitor.send_form(&form, "/account/email", &typed).await;
    page.is_at("/account?notice=email_asked").says("Open the link in it to confirm the change.");
}

fn link(letters: &Letters, address: &str) -> String {
    format!("/confirm-email?token={}", letters.only_letter_to(address).reset_key())
}

#[tokio::test]
async fn the_address_changes_when_the_letter_is_answered_and_the_old_one_is_told() {
    let app = TestApp::start().await;
    app.has(account("alice")).await;
    let mut alice = Visitor::signed_in(&app, "alice").await;
    ask(&mut alice, "alice@new.example.test").await;
    alice.get("/account").await.says("alice@example.test");
    let link = link(&app.deliver().await, "alice@new.example.test");
    let mut phone = Visitor::at(&app);
    let page = phone.get(&link).await;
    page.is_at("/confirm-email").says("alice@new.example.test");
    alice.get("/account").await.says("alice@example.test");
    phone.send_form(&page, "/confirm-email", &[]).await.is_at("/sign-in?notice=email_changed");
    alice.get("/account").await.says("alice@new.example.test");
    let notice = app.deliver().await.only_letter_to("alice@example.test");
    assert!(notice.subject.contains("Address Changed") && notice.key().is_none(), "{}", notice.subject);
    let used = phone.get(&link).await;
    assert_eq!(used.status, 410);
}

#[tokio::test]
async fn the_present_password_is_asked_for_and_the_address_must_be_one() {
    let app = TestApp::start().await;
    app.has(account("alice")).await;
    let mut alice = Visitor::signed_in(&app, "alice").await;
    let form = alice.get("/account/email").await;
    for (email, password, field, fault) in [
        ("a@new.example.test", "wrong", "current_password", "not your present password"),
        ("nonsense", PASSWORD, "email", "This is not an e-mail address."),
        ("alice@example.test", PASSWORD, "email", "your address already"),
    ] {
        let typed = [("email", email), ("current_password", password)];
        alice.send_form(&form, "/account/email", &typed).await.faults(field, fault);
    }
    assert_eq!(app.deliver().await.count(), 0);
}

#[tokio::test]
async fn an_address_of_somebody_else_is_told_only_to_whoever_reads_its_mail() {
    let app = TestApp::start().await;
    app.has(account("alice")).await;
    app.has(account("bob")).await;
    let mut alice = Visitor::signed_in(&app, "alice").await;
    ask(&mut alice, "Bob@example.test").await;
    let link = link(&app.deliver().await, "Bob@example.test");
    let page = alice.get(&link).await;
    let refused = alice.send_form(&page, "/confirm-email", &[]).await;
    assert_eq!(refused.status, 409);
    refused.says("Another account has this e-mail address.");
    alice.get("/account").await.says("alice@example.test");
}

#[tokio::test]
async fn only_the_newest_letter_counts_and_only_for_an_hour() {
    let app = TestApp::start().await;
    app.has(account("alice")).await;
    let mut alice = Visitor::signed_in(&app, "alice").await;
    ask(&mut alice, "one@example.test").await;
    let first = link(&app.deliver().await, "one@example.test");
    ask(&mut alice, "two@example.test").await;
    let second = link(&app.deliver().await, "two@example.test");
    assert_eq!(alice.get(&first).await.status, 410);
    assert_eq!(alice.get(&second).await.status, 200);
    app.after(61);
    assert_eq!(Visitor::at(&app).get(&second).await.status, 410);
}

#[tokio::test]
async fn a_reset_takes_back_an_address_that_somebody_else_asked_for() {
    let app = TestApp::start().await;
    app.has(account("alice")).await;
    let mut thief = Visitor::signed_in(&app, "alice").await;
    ask(&mut thief, "thief@example.test").await;
    let theirs = link(&app.deliver().await, "thief@example.test");
    let reset = super::recovery::link_for(&app, "alice@example.test").await;
    let mut alice = Visitor::at(&app);
    let form = alice.get(&reset).await;
    let typed = [("password", "eleven quiet lanterns"), ("password_again", "eleven quiet lanterns")];
    alice.send_form(&form, "/reset-password", &typed).await.is_at("/reset-password/done");
    assert_eq!(thief.get(&theirs).await.status, 410);
}

#[tokio::test]
async fn a_mistyped_address_is_worth_nothing_once_the_right_one_is_set_in_another_way() {
    let app = TestApp::start().await;
    let mut boss = super::users::administrator(&app).await;
    let client = app.signed_in(account("alice")).await;
    app.has(account("bob")).await;
    app.sql("UPDATE public.tm_user SET email = NULL WHERE username = 'bob'").await;
    let mut waiting = Vec::new();
    for name in ["alice", "bob"] {
        let mut visitor = Visitor::signed_in(&app, name).await;
        let mistyped = format!("{name}@mistyped.test");
        ask(&mut visitor, &mistyped).await;
        waiting.push(link(&app.deliver().await, &mistyped));
    }
    let mut own = client.get("user/current").await.json()["response"].clone();
    own["email"] = "alice@right.test".into();
    assert_eq!(client.put("user/current", own).await.status, 200);
    let bob = app.number("SELECT id FROM public.tm_user WHERE username = 'bob'").await;
    let edit = format!("/users/{bob}/edit");
    let form = boss.get(&edit).await;
    let typed = [
        ("username", "bob"),
        ("full_name", "Bob"),
        ("email", "bob@right.test"),
        ("role", "read-only"),
        ("tenant", "root"),
    ];
    boss.send_form(&form, &edit, &typed).await.is_at(&format!("/users/{bob}?notice=user_saved"));
    for link in waiting {
        assert_eq!(Visitor::at(&app).get(&link).await.status, 410, "{link}");
    }
}
