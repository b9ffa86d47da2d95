//! One's own account at the page.

use super::Visitor;
use crate::support::{PASSWORD, TestApp, account};

const NEW: &str = "eleven quiet lanterns";

#[tokio::test]
async fn the_password_is_changed_by_whoever_knows_the_present_one() {
    let app = TestApp::start().await;
    app.has(account("alice")).await;
    let mut alice = Visitor::signed_in(&app, "alice").await;
    let mut elsewhere = Visitor::signed_in(&app, "alice").await;
    let form = alice.get("/account/password").await;
    let change = |current: &'static str, new: &'static str| {
        [("current_password", current), ("password", new), ("password_again", new)]
    };
    let page = alice.send_form(&form, "/account/password", &change("wrong", NEW)).await;
    page.faults("current_password", "This is not your present password.");
    let page = alice.send_form(&form, "/account/password", &change(PASSWORD, "alice")).await;
    page.faults("password", "must not be the user name");
    let page = alice.send_form(&form, "/account/password", &change(PASSWORD, NEW)).await;
    page.is_at("/account?notice=password_changed").says("All other sessions have ended.");
    elsewhere.get("/account").await.is_at("/sign-in");
    Visitor::at(&app).sign_in("alice", NEW).await.is_at("/account");
    assert!(app.deliver().await.only_letter_to("alice@example.test").subject.contains("Password Changed"));
}

#[tokio::test]
async fn name_and_contact_details_are_kept_and_everything_else_stays() {
    let app = TestApp::start().await;
    app.has(account("alice")).await;
    app.sql("UPDATE public.tm_user SET uid = 7, ucdn = 'cdn' WHERE username = 'alice'").await;
    let mut alice = Visitor::signed_in(&app, "alice").await;
    let form = alice.get("/account/profile").await;
    assert!(form.text.contains("value=\"alice of the tests\""));
    let typed = [
        ("full_name", " Alice Liddell "),
        ("company", "Wonderland & Sons"),
        ("city", "Oxford"),
        ("country", ""),
    ];
    let page = alice.send_form(&form, "/account/profile", &typed).await;
    page.is_at("/account?notice=profile_saved").says("Alice Liddell").says("Wonderland & Sons, Oxford");
    let kept = "SELECT count(*) FROM public.tm_user WHERE username = 'alice' AND email = 'alice@example.test' \
        AND full_name = 'Alice Liddell' AND uid = 7 AND ucdn = 'cdn' AND country IS NULL AND role IS NOT NULL";
    assert_eq!(app.number(kept).await, 1);
}

#[tokio::test]
async fn faults_of_a_profile_are_named_and_nothing_is_stored() {
    let app = TestApp::start().await;
    app.has(account("alice")).await;
    let mut alice = Visitor::signed_in(&app, "alice").await;
    let form = alice.get("/account/profile").await;
    let long = "x".repeat(201);
    let typed = [("full_name", ""), ("city", long.as_str()), ("company", "tab\tbed")];
    let page = alice.send_form(&form, "/account/profile", &typed).await;
    page.faults("full_name", "Type a name.").faults("city", "too long").faults("company", "can't be shown");
    assert!(page.text.contains(&long), "what was typed is kept");
    alice.get("/account").await.says("alice of the tests");
}

#[tokio::test]
async fn a_notice_is_one_of_ours_or_none() {
    let app = TestApp::start().await;
    app.has(account("alice")).await;
    let mut alice = Visitor::signed_in(&app, "alice").await;
    assert!(!alice.get("/account?notice=%3Cb%3Eyou+won").await.words().contains("won"));
    alice.get("/account?notice=profile_saved").await.says("are saved");
}
