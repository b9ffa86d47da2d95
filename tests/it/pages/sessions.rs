//! One's own sessions at the page.

use super::Visitor;
use crate::support::{TestApp, account};

const FIREFOX: &str = "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0";

async fn signed_in_with(app: &TestApp, user_agent: &str) -> Visitor {
    let mut visitor = Visitor::at(app).called(user_agent);
    visitor.sign_in("alice", crate::support::PASSWORD).await.is_at("/account");
    visitor
}

#[tokio::test]
async fn sessions_are_listed_with_device_address_and_last_use_and_one_is_ended() {
    let app = TestApp::start().await;
    app.has(account("alice")).await;
    let mut other = signed_in_with(&app, "curl/8.5.0").await;
    app.after(30);
    let mut alice = signed_in_with(&app, FIREFOX).await;
    let page = alice.get("/account/sessions").await;
    page.says("Firefox on Linux this one").says("from 127.0.0.1 last seen just now");
    page.says("curl 8.5.0 from 127.0.0.1 last seen 30 minutes ago signed in 30 minutes ago");
    let card = page.text.split("curl 8.5.0").nth(1).unwrap();
    let session = card.split("name=\"session\" value=\"").nth(1).unwrap().split('"').next().unwrap();
    let page = alice.send_form(&page, "/account/sessions/end", &[("session", session)]).await;
    page.is_at("/account/sessions?notice=session_ended").says("The session has ended.");
    assert!(!page.words().contains("curl"));
    other.get("/account").await.is_at("/sign-in");
    alice.get("/account").await.is_at("/account");
}

#[tokio::test]
async fn all_others_are_ended_at_once_and_ones_own_by_signing_out() {
    let app = TestApp::start().await;
    app.has(account("alice")).await;
    let mut others = [signed_in_with(&app, "one").await, signed_in_with(&app, "two").await];
    let mut alice = signed_in_with(&app, FIREFOX).await;
    let page = alice.get("/account/sessions").await;
    let page = alice.send_form(&page, "/account/sessions/end-others", &[]).await;
    page.says("All other sessions have ended.");
    assert!(!page.text.contains("end-others"), "there are none left");
    for other in &mut others {
        other.get("/account").await.is_at("/sign-in");
    }
    alice.send_form(&page, "/account/sessions/end", &[]).await.is_at("/sign-in?notice=signed_out");
    assert_eq!(app.number("SELECT count(*) FROM latchkey.session").await, 0);
}

#[tokio::test]
async fn nobody_ends_the_sessions_of_somebody_else() {
    let app = TestApp::start().await;
    app.has(account("alice")).await;
    app.has(account("mallory")).await;
    let mut alice = Visitor::signed_in(&app, "alice").await;
    let mut mallory = Visitor::signed_in(&app, "mallory").await;
    let hers = alice.get("/account/sessions").await.field("/account/sessions/end", "session");
    let page = mallory.get("/account/sessions").await;
    mallory.send_form(&page, "/account/sessions/end", &[("session", &hers)]).await;
    alice.get("/account").await.is_at("/account");
}

#[tokio::test]
async fn sessions_whose_cookie_has_expired_are_not_shown() {
    let app = TestApp::start().await;
    app.has(account("alice")).await;
    let _forgotten = signed_in_with(&app, "curl/8.5.0").await;
    app.after(6 * 60 + 2);
    let mut alice = signed_in_with(&app, FIREFOX).await;
    assert!(!alice.get("/account/sessions").await.words().contains("curl"));
}
