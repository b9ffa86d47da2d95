//! `unknown_account = "uniform"`: nobody learns who has an account, nor who has an address.

use latchkey::service::UnknownAccount;

use super::program::{INCOMPLETE, REQUESTED, SITE, is, request, with_site};
use crate::support::{TestApp, account, lasting};

#[tokio::test]
async fn every_name_gets_the_same_bytes() {
    let app = TestApp::with(|config| {
        with_site(config);
        config.dialects.buddha_jones.unknown_account = UnknownAccount::Uniform;
    })
    .await;
    let alice = app.has(account("alice")).await;
    app.has(account("mute")).await;
    app.sql("UPDATE tm_user SET email = NULL WHERE username = 'mute'").await;
    let known = request(&app.anonymous(), &alice.email(), SITE).await;
    is(&known, 200, REQUESTED);
    let long = "x".repeat(300);
    for name in ["nobody@example.test", "nobody", "mute", "a\0b", "alice\r\nBcc: x@y.test", &long] {
        let answer = request(&app.anonymous(), name, SITE).await;
        is(&answer, 200, REQUESTED);
        assert_eq!(lasting(&answer), lasting(&known), "{name:?}");
    }
    is(&request(&app.anonymous(), "nobody", "http://evil.example/").await, 400, INCOMPLETE);
    let letters = app.deliver().await;
    assert_eq!(letters.count(), 1);
    letters.only_letter_to(&alice.email());
    assert_eq!(app.number("SELECT count(*) FROM latchkey.outbox WHERE sent_at IS NULL").await, 0);
}
