//! Forgotten passwords: the letter, its key, and the order in which a reset is judged.

use serde_json::json;

use super::program::{
    BAD_TOKEN, DONE, NO_TOKEN, Program, REMIND, REMINDED, RESET, WRONG_PASSWORD, WRONG_TOKEN, WRONG_USER,
    carrying, is, mailed_key, post, reset,
};
use crate::support::{TestApp, account};

const DAY: u64 = 24 * 60;

/// Check 3 of the four contracts' list.
#[tokio::test]
async fn check_3_who_is_let_in_what_is_judged_first_and_how_long_a_key_is_good() {
    let app = TestApp::start().await;
    let (alice, bob) = (app.has(account("alice")).await, app.has(account("bob")).await);
    let program = Program::known(&app, "website").await;
    let nobody = app.anonymous();
    for path in [REMIND, RESET] {
        is(&post(&nobody, path, &[("email", &alice.email())]).await, 401, NO_TOKEN);
        is(&post(&carrying(&nobody, "x"), path, &[("email", &alice.email())]).await, 401, BAD_TOKEN);
    }
    let website = program.with_token().await;
    is(&post(&website, REMIND, &[("email", "stranger@example.test")]).await, 400, WRONG_USER);
    let first = mailed_key(&app, &website, &alice.email()).await;

    is(&reset(&website, "stranger@example.test", "x", "x").await, 400, WRONG_USER);
    is(&reset(&website, &alice.email(), "x", "x").await, 400, WRONG_PASSWORD);
    is(&reset(&website, &alice.email(), "x", "azerty").await, 400, WRONG_TOKEN);

    let second = mailed_key(&app, &website, &alice.email()).await;
    is(&reset(&website, &alice.email(), &first, "azerty").await, 400, WRONG_TOKEN);
    is(&reset(&website, &bob.email(), &second, "azerty").await, 400, WRONG_TOKEN);
    is(&reset(&website, &alice.email(), &second, "azert").await, 400, WRONG_PASSWORD);
    is(&reset(&website, &alice.email(), &second, "azerty").await, 200, DONE);
    is(&reset(&website, &alice.email(), &second, "azerty").await, 400, WRONG_TOKEN);
    app.deliver().await.only_letter_to(&alice.email());

    let early = mailed_key(&app, &website, &alice.email()).await;
    app.after(DAY - 1);
    is(&reset(&website, &alice.email(), &early, "azerty2").await, 200, DONE);
    app.deliver().await;
    let late = mailed_key(&app, &website, &alice.email()).await;
    app.after(DAY);
    is(&reset(&website, &alice.email(), &late, "azerty3").await, 400, WRONG_TOKEN);
}

#[tokio::test]
async fn answers_have_the_headers_and_lengths_of_the_contract() {
    let app = TestApp::start().await;
    let alice = app.has(account("alice")).await;
    let website = Program::known(&app, "website").await.with_token().await;
    let key = mailed_key(&app, &website, &alice.email()).await;
    let asked = post(&website, REMIND, &[("email", &alice.email())]).await;
    let unknown = post(&website, REMIND, &[("email", "nobody@example.test")]).await;
    let wrong = reset(&website, &alice.email(), "x", "azerty").await;
    let short = reset(&website, &alice.email(), "x", "").await;
    let done = reset(&website, &alice.email(), &key, "azerty").await;
    for (answer, length) in [(&asked, "69"), (&done, "70"), (&unknown, "73"), (&wrong, "62"), (&short, "60")]
    {
        assert_eq!(answer.headers["content-length"], length);
        assert_eq!(answer.headers["content-type"], "application/json");
        assert_eq!(answer.headers["cache-control"], "no-cache");
        assert!(!answer.headers.contains_key("etag") && !answer.headers.contains_key("set-cookie"));
    }
}

#[tokio::test]
async fn json_does_as_well_as_a_form() {
    let app = TestApp::start().await;
    let alice = app.has(account("alice")).await;
    let website = Program::known(&app, "website").await.with_token().await;
    let website = website.with("Content-Type", "application/json; charset=utf-8");
    is(&website.post(REMIND, json!({ "email": "ALICE@example.test" })).await, 200, REMINDED);
    let key = app.deliver().await.only_letter_to(&alice.email()).reset_key();
    let fields = json!({ "email": "Alice@Example.Test", "token": key, "password": "azerty" });
    is(&website.post(RESET, fields).await, 200, DONE);
}

#[tokio::test]
async fn the_letter_is_in_the_contract_s_words_and_its_link_where_the_operator_wants_it() {
    let link = "https://quotes.example.test/password/reset?token=";
    let app = TestApp::with(|config| config.dialects.teen_quotes.link = Some(link.to_owned())).await;
    let alice = app.has(account("alice")).await;
    let website = Program::known(&app, "website").await.with_token().await;
    is(&post(&website, REMIND, &[("email", &alice.email())]).await, 200, REMINDED);
    let letter = app.deliver().await.only_letter_to(&alice.email());
    assert_eq!(letter.subject, "Password reminder");
    for text in [&letter.text, &letter.html] {
        assert!(text.contains("Somebody asked to reset the password"), "{text}");
        assert!(text.contains(link) && text.contains("24 hours"), "{text}");
        assert!(!text.contains("/reset-password?"), "{text}");
    }
    is(&reset(&website, &alice.email(), &letter.reset_key(), "azerty").await, 200, DONE);
}

#[tokio::test]
async fn the_operator_may_shorten_the_life_of_keys_and_ask_for_better_passwords() {
    let app = TestApp::with(|config| {
        config.dialects.teen_quotes.key_lifetime = 600;
        config.dialects.teen_quotes.strict_passwords = true;
    })
    .await;
    let alice = app.has(account("alice")).await;
    let website = Program::known(&app, "website").await.with_token().await;
    let key = mailed_key(&app, &website, &alice.email()).await;
    for bad in ["azerty", "password1", "azerty7", "alice@example.test"] {
        is(&reset(&website, &alice.email(), &key, bad).await, 400, WRONG_PASSWORD);
    }
    app.after(10);
    is(&reset(&website, &alice.email(), &key, "a good password").await, 400, WRONG_TOKEN);
    let key = mailed_key(&app, &website, &alice.email()).await;
    is(&reset(&website, &alice.email(), &key, "a good password").await, 200, DONE);
}

/// Who has no key must not learn by a refused password that it is somebody's name.
#[tokio::test]
async fn names_are_no_passwords_but_only_whoever_has_the_key_hears_so() {
    let app = TestApp::start().await;
    let alice = app.has(account("alice.liddell")).await;
    let website = Program::known(&app, "website").await.with_token().await;
    let key = mailed_key(&app, &website, &alice.email()).await;
    is(&reset(&website, &alice.email(), "x", "alice.liddell").await, 400, WRONG_TOKEN);
    is(&reset(&website, &alice.email(), &key, "Alice.Liddell").await, 400, WRONG_PASSWORD);
    is(&reset(&website, &alice.email(), &key, "alice.liddell@example.test").await, 400, WRONG_PASSWORD);
    is(&reset(&website, &alice.email(), &key, "white rabbit").await, 200, DONE);
}

#[tokio::test]
async fn whoever_may_not_sign_in_is_not_written_to_and_can_not_reset() {
    let app = TestApp::start().await;
    let alice = app.has(account("alice")).await;
    let website = Program::known(&app, "website").await.with_token().await;
    let key = mailed_key(&app, &website, &alice.email()).await;
    app.disallows_everybody().await;
    is(&reset(&website, &alice.email(), &key, "azerty").await, 400, WRONG_USER);
    is(&post(&website, REMIND, &[("email", &alice.email())]).await, 400, WRONG_USER);
}

#[tokio::test]
async fn a_letter_is_promised_while_no_mail_server_answers() {
    let app = TestApp::start().await;
    let alice = app.has(account("alice")).await;
    let website = Program::known(&app, "website").await.with_token().await;
    is(&post(&website, REMIND, &[("email", &alice.email())]).await, 200, REMINDED);
    let waiting = "SELECT count(*) FROM latchkey.outbox WHERE sent_at IS NULL AND dialect = 'teen_quotes'";
    assert_eq!(app.number(waiting).await, 1, "no mail server is asked in the request");
}
