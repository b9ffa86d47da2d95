//! How many letters anybody may ask for: nobody's mailbox is filled, and nobody learns whose it is.

use serde_json::json;

use super::{at, held, trusting, wait};
use crate::{
    pages::Visitor,
    support::{PASSWORD, TestApp, account},
};

#[tokio::test]
async fn a_recipient_gets_five_letters_an_hour_and_the_last_one_holds_a_good_key() {
    let app = TestApp::start().await;
    let alice = app.has(account("alice")).await;
    for _ in 0..5 {
        alice.post("user/reset_password", json!({ "email": alice.email() })).await.succeeds();
    }
    let seconds = held(&alice.post("user/reset_password", json!({ "email": alice.email() })).await);
    assert_eq!(seconds, 3600);
    let letters = app.deliver().await.letters();
    assert_eq!(letters.len(), 5);
    let keys: Vec<_> = letters.iter().map(|letter| letter.reset_key()).collect();
    let mut opened = 0;
    for key in keys {
        opened += u32::from(alice.post("user/login/token", json!({ "t": key })).await.status == 200);
    }
    assert_eq!(opened, 1, "only the newest letter holds a good key");
    wait(&app, 3601);
    alice.post("user/reset_password", json!({ "email": alice.email() })).await.succeeds();
}

#[tokio::test]
async fn an_address_without_an_account_runs_out_in_the_same_moment_and_words() {
    let app = TestApp::start().await;
    app.has(account("alice")).await;
    let guest = app.anonymous();
    let mut heard = Vec::new();
    for email in ["alice@example.test", "Nobody@example.test"] {
        let mut answers = Vec::new();
        for _ in 0..7 {
            let answer = guest.post("user/reset_password", json!({ "email": email })).await;
            let after = answer.headers.get("retry-after").cloned();
            answers.push((answer.status, answer.text().replace(email, "…"), after));
        }
        heard.push(answers);
    }
    assert_eq!(heard[0], heard[1]);
    assert_eq!(heard[0].iter().filter(|(status, ..)| *status == 429).count(), 2);
}

#[tokio::test]
async fn one_client_can_not_write_to_everybody() {
    let app = TestApp::with(|config| {
        trusting(config);
        config.throttle.address_burst = 20;
    })
    .await;
    let spammer = at(&app.anonymous(), "203.0.113.9");
    for number in 0..20 {
        let email = format!("user{number}@example.test");
        spammer.post("user/reset_password", json!({ "email": email })).await.succeeds();
    }
    held(&spammer.post("user/reset_password", json!({ "email": "user20@example.test" })).await);
}

#[tokio::test]
async fn a_user_name_and_an_address_of_one_account_share_its_letters_and_nobody_hears_of_it() {
    let app = TestApp::start().await;
    app.has(account("alice")).await;
    let ask = async |name: &str| {
        let guest = app.anonymous().with("Content-Type", "application/json");
        let url = format!("http://{}/here?token=", app.address());
        guest.post("/password-reset", json!({ "email": name, "url": url })).await.status
    };
    let mut keys = Vec::new();
    for _ in 0..5 {
        assert_eq!((ask("alice").await, ask("Alice@Example.test").await), (200, 200));
        keys.extend(app.deliver().await.letters().iter().map(|letter| letter.reset_key()));
    }
    assert_eq!(keys.len(), 5, "one account, one allowance");
    assert_eq!((ask("alice").await, ask("alice@example.test").await), (429, 429), "as for names nobody has");
    let newest = json!({ "t": keys.last().unwrap() });
    app.anonymous().post("user/login/token", newest).await.says("Successfully logged in.");
    wait(&app, 3601);
    assert_eq!(ask("alice").await, 200);
    assert_eq!(app.deliver().await.count(), 1, "an hour later there is room again");
}

#[tokio::test]
async fn a_letter_with_a_password_counts_like_one_with_a_key_and_is_counted_once_however_often_it_is_tried() {
    let app = TestApp::start().await;
    let alice = app.has(account("alice")).await;
    let passwords = app.anonymous().with("Content-Type", "application/json");
    for _ in 0..2 {
        alice.post("user/reset_password", json!({ "email": alice.email() })).await.succeeds();
        assert_eq!(passwords.post("/v1/users/reset", json!({ "email": alice.email() })).await.status, 200);
        for _ in 0..3 {
            app.deliver().await;
            app.sql(
                "UPDATE latchkey.outbox SET sent_at = NULL, recipient = 'alice@example.test', account_id = NULL",
            )
            .await;
        }
        app.sql("DELETE FROM latchkey.outbox").await;
    }
    let counted = "SELECT count(*) FROM latchkey.letter_allowance WHERE letters = 4";
    assert_eq!(app.number(counted).await, 2, "by the address and by the account");
}

#[tokio::test]
async fn what_strangers_ask_for_keeps_nobody_from_writing_who_may() {
    let app = TestApp::start().await;
    let root = app.administrator().await;
    let carol = json!({ "email": "carol@example.test" });
    for _ in 0..5 {
        app.anonymous().post("user/reset_password", carol.clone()).await.succeeds();
    }
    held(&app.anonymous().post("user/reset_password", carol).await);
    let invitation =
        json!({ "email": "carol@example.test", "role": "read-only", "tenantId": root_tenant(&app).await });
    for _ in 0..5 {
        root.post("users/register", invitation.clone()).await.succeeds();
    }
    held(&root.post("users/register", invitation).await);
}

async fn root_tenant(app: &TestApp) -> i64 {
    app.number("SELECT id FROM tenant WHERE name = 'root'").await
}

#[tokio::test]
async fn a_holder_writes_to_few_addresses_and_puts_no_words_into_their_letters() {
    let app = TestApp::start().await;
    let mut mallory = account("mallory");
    mallory.full_name = Some("your account was hacked! Go to https://evil.test".to_owned());
    app.has(mallory).await;
    let mut mallory = Visitor::signed_in(&app, "mallory").await;
    let mut form = mallory.get("/account/email").await;
    for number in 0..6 {
        let email = format!("victim{number}@example.test");
        let typed = [("email", email.as_str()), ("current_password", PASSWORD)];
        let sent = mallory.send_form(&form, "/account/email", &typed).await;
        assert_eq!(sent.status, if number < 5 { 200 } else { 429 }, "{number}");
        form = mallory.get("/account/email").await;
    }
    let letters = app.deliver().await.letters();
    assert!(!letters.is_empty() && letters.len() <= 5);
    assert!(letters.iter().all(|letter| !letter.text.contains("evil") && !letter.html.contains("evil")));
}
