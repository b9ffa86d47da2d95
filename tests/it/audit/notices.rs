//! What the holder of an account hears of, by letter, whoever brought it about.

use latchkey::service::NewDeviceNotice;
use serde_json::json;

use crate::{
    pages::Visitor,
    support::{PASSWORD, TestApp, account},
};

const FIREFOX: &str = "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0";
const NEWER_FIREFOX: &str = "Mozilla/5.0 (X11; Linux x86_64; rv:131.0) Gecko/20100101 Firefox/131.0";
const SAFARI: &str = "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) Version/17.5 Safari/604.1";

async fn sign_in(app: &TestApp, user_agent: &str, address: &str) {
    let mut visitor = Visitor::at(app).called(user_agent).with("X-Forwarded-For", address);
    visitor.sign_in("alice", PASSWORD).await.is_at("/account");
}

async fn behind_a_proxy() -> TestApp {
    TestApp::with(|config| config.trusted_proxies = vec!["127.0.0.0/8".parse().unwrap()]).await
}

#[tokio::test]
async fn a_sign_in_from_somewhere_new_is_told_once() {
    let app = behind_a_proxy().await;
    app.has(account("alice")).await;
    sign_in(&app, FIREFOX, "192.0.2.7").await;
    assert_eq!(app.deliver().await.count(), 0, "the first sign-in of all is no news");
    sign_in(&app, NEWER_FIREFOX, "192.0.2.99").await;
    assert_eq!(app.deliver().await.count(), 0, "an update, and another address next door");
    sign_in(&app, SAFARI, "203.0.113.9").await;
    let letter = app.deliver().await.only_letter_to("alice@example.test");
    assert!(letter.subject.contains("New Sign-in"), "{}", letter.subject);
    assert!(letter.text.contains("203.0.113.9") && letter.text.contains("alice"), "{}", letter.text);
    sign_in(&app, SAFARI, "203.0.113.9").await;
    assert_eq!(app.deliver().await.count(), 0);
}

#[tokio::test]
async fn programs_come_from_anywhere_unless_the_operator_wants_to_know() {
    for (notice, letters) in
        [(NewDeviceNotice::Browsers, 0), (NewDeviceNotice::Always, 1), (NewDeviceNotice::Never, 0)]
    {
        let app = TestApp::with(|config| {
            config.trusted_proxies = vec!["127.0.0.0/8".parse().unwrap()];
            config.notices.new_device = notice;
        })
        .await;
        let agent = app.has(account("agent")).await;
        for address in ["192.0.2.7", "203.0.113.9"] {
            agent.with("X-Forwarded-For", address).with("User-Agent", "curl/8.5.0").sign_in(PASSWORD).await;
        }
        assert_eq!(app.deliver().await.count(), letters, "{notice:?}");
    }
}

#[tokio::test]
async fn the_former_address_hears_of_a_new_one_whoever_changed_it() {
    let app = TestApp::start().await;
    let root = app.administrator().await;
    let alice = app.signed_in(account("alice")).await;
    let mut user = alice.get("user/current").await.json()["response"].clone();
    user["email"] = json!("second@example.test");
    alice.put("user/current", user.clone()).await.succeeds();
    let letter = app.deliver().await.only_letter_to("alice@example.test");
    assert!(letter.subject.contains("E-mail Address Changed"), "{}", letter.subject);
    let id = user["id"].clone();
    let mut user = root.get(&format!("users?id={id}")).await.json()["response"][0].clone();
    user["email"] = json!("third@example.test");
    root.put(&format!("users/{id}"), user).await.succeeds();
    let letter = app.deliver().await.only_letter_to("second@example.test");
    assert!(letter.subject.contains("E-mail Address Changed"), "{}", letter.subject);
}

#[tokio::test]
async fn whoever_is_disabled_hears_of_it() {
    let app = TestApp::start().await;
    let root = app.administrator().await;
    app.has(account("alice")).await;
    let mut user = root.get("users?username=alice").await.json()["response"][0].clone();
    user["role"] = json!("disallowed");
    root.put(&format!("users/{}", user["id"]), user.clone()).await.succeeds();
    let letter = app.deliver().await.only_letter_to("alice@example.test");
    assert!(letter.subject.contains("Account Disabled"), "{}", letter.subject);
    // Once is enough.
    user["fullName"] = json!("Alice, Disabled");
    root.put(&format!("users/{}", user["id"]), user).await.succeeds();
    assert_eq!(app.deliver().await.count(), 0);
    app.has(account("bob")).await;
    let bob = latchkey::domain::Username::parse("bob").unwrap();
    app.site().services.administration.disable(&bob).await.unwrap();
    assert!(app.deliver().await.only_letter_to("bob@example.test").subject.contains("Account Disabled"));
}
