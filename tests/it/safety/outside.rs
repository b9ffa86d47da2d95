//! What an attack from outside found once, each told as the right behaviour.

use latchkey::service::Newcomer;
use serde_json::json;

use crate::{
    pages::Visitor,
    support::{PASSWORD, TestApp, account},
};

fn admin(name: &str) -> Newcomer {
    Newcomer { role: "admin".to_owned(), ..account(name) }
}

#[tokio::test]
async fn of_guesses_at_once_the_right_one_sounds_like_the_wrong_ones() {
    let app = TestApp::start().await;
    app.has(account("alice")).await;
    let guesses = (0..40).map(|number| {
        let guest = app.anonymous();
        let password = if number == 30 { PASSWORD.to_owned() } else { format!("guess {number}") };
        tokio::spawn(
            async move { guest.post("user/login", json!({ "u": "alice", "p": password })).await.status },
        )
    });
    let guesses: Vec<_> = guesses.collect();
    let mut heard = Vec::new();
    for guess in guesses {
        heard.push(guess.await.unwrap());
    }
    assert_eq!(heard[30], 429, "{heard:?}");
    assert!(heard.iter().filter(|status| **status == 429).count() > 10, "{heard:?}");
}

#[tokio::test]
async fn a_search_with_many_hits_leads_on_and_strange_ones_find_nothing() {
    let app = TestApp::start().await;
    app.has(admin("root")).await;
    app.sql(
        "INSERT INTO tm_user (username, email, role, tenant_id) SELECT 'user' || n, 'user' || n || '@example.test', \
         (SELECT id FROM role WHERE name = 'read-only'), 1 FROM generate_series(1, 120) n",
    )
    .await;
    let mut root = Visitor::signed_in(&app, "root").await;
    let page = root.get("/users?search=user%261").await;
    assert_eq!(page.status, 200);
    let page = root.get("/users?search=user").await;
    assert_eq!(page.status, 200);
    assert!(page.text.contains("users?search=user&amp;page=2"), "{}", page.text);
    assert_eq!(root.get("/users?search=%00").await.status, 200);
    let form = root.get("/users/new").await;
    let typed = [("username", "eve\0"), ("tenant", "ro\0ot"), ("role", "read-only")];
    let status = root.send_form(&form, "/users/new", &typed).await.status;
    assert!((400..500).contains(&status), "{status}");
}

#[tokio::test]
async fn no_page_elsewhere_signs_a_browser_in() {
    let app = TestApp::with(|config| {
        config.browsers.allowed_origins = vec!["https://portal.example.test".to_owned()];
    })
    .await;
    let alice = app.has(account("alice")).await;
    let form = json!({ "u": "alice", "p": PASSWORD });
    let elsewhere = alice.with("Origin", "https://evil.example").with("Sec-Fetch-Site", "cross-site");
    for path in ["user/login", "user/login/token"] {
        elsewhere.post(path, form.clone()).await.refuses(403, "Requests from other sites are refused.");
    }
    let portal = alice.with("Origin", "https://portal.example.test").with("Sec-Fetch-Site", "cross-site");
    portal.post("user/login", form).await.says("Successfully logged in.");
}

#[tokio::test]
async fn nobody_ends_the_waits_of_a_name_by_signing_in_as_its_twin() {
    let app = TestApp::start().await;
    app.has(account("alice")).await;
    let twin = app.has(account("Alice2")).await;
    app.sql("UPDATE tm_user SET username = 'ALICE' WHERE username = 'Alice2'").await;
    for _ in 0..4 {
        app.anonymous().post("user/login", json!({ "u": "alice", "p": "a guess" })).await.refused_with(401);
    }
    twin.post("user/login", json!({ "u": "ALICE", "p": PASSWORD })).await.says("Successfully logged in.");
    app.anonymous().post("user/login", json!({ "u": "alice", "p": PASSWORD })).await.refused_with(429);
}

#[tokio::test]
async fn nobody_keeps_somebody_else_out_by_taking_their_address_for_a_name() {
    let app = TestApp::start().await;
    app.has(account("alice")).await;
    let mut mallory = account("mallory");
    mallory.username = latchkey::domain::Username::parse("alice@example.test").unwrap();
    mallory.password = Some("a password of mallory's own".to_owned());
    app.has(mallory).await;
    Visitor::at(&app)
        .sign_in("alice@example.test", PASSWORD)
        .await
        .is_at("/account")
        .says("alice of the tests");
}
