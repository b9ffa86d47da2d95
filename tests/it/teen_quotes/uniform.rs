//! `unknown_account = "uniform"`: nobody learns who has an account, not even a known program.

use latchkey::service::UnknownAccount;

use super::program::{
    DONE, Program, REMIND, REMINDED, RESET, WRONG_PASSWORD, WRONG_TOKEN, is, mailed_key, post, reset,
};
use crate::support::{TestApp, account, lasting};

async fn uniform() -> TestApp {
    TestApp::with(|config| config.dialects.teen_quotes.unknown_account = UnknownAccount::Uniform).await
}

#[tokio::test]
async fn a_reminder_is_always_sent_as_far_as_anybody_hears() {
    let app = uniform().await;
    let alice = app.has(account("alice")).await;
    let website = Program::known(&app, "website").await.with_token().await;
    let known = post(&website, REMIND, &[("email", &alice.email())]).await;
    is(&known, 200, REMINDED);
    for email in ["nobody@example.test", "alice", "", "alice@example.test, bob@example.test"] {
        let unknown = post(&website, REMIND, &[("email", email)]).await;
        is(&unknown, 200, REMINDED);
        assert_eq!(lasting(&unknown), lasting(&known), "{email:?}");
    }
    let letters = app.deliver().await;
    assert_eq!(letters.count(), 1);
    letters.only_letter_to(&alice.email());
}

#[tokio::test]
async fn a_reset_for_an_unknown_address_sounds_like_one_with_a_wrong_token() {
    let app = uniform().await;
    let alice = app.has(account("alice")).await;
    let website = Program::known(&app, "website").await.with_token().await;
    let key = mailed_key(&app, &website, &alice.email()).await;
    for email in [alice.email().as_str(), "nobody@example.test", "no address"] {
        is(&reset(&website, email, "x", "azert").await, 400, WRONG_PASSWORD);
        is(&reset(&website, email, "x", "alice").await, 400, WRONG_PASSWORD);
        is(&reset(&website, email, "x", "alice@example.test").await, 400, WRONG_TOKEN);
    }
    is(&reset(&website, "nobody@example.test", &key, "azerty").await, 400, WRONG_TOKEN);
    is(&post(&website, RESET, &[("token", &key), ("password", "azerty")]).await, 400, WRONG_TOKEN);
    is(&reset(&website, &alice.email(), &key, "azerty").await, 200, DONE);
}
