//! `POST /oauth`: who gets tokens, in which words others don't, and how tokens are carried.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde_json::{Value, json};

use super::program::{
    BAD_TOKEN, NO_TOKEN, Program, REMIND, UPDATE, UPDATED, WRONG_USER, carrying, is, pair, post, update,
};
use crate::{
    contract::wire::Answer,
    support::{PASSWORD, TestApp, account},
};

const CHECK: &str = "The request is missing a required parameter, includes an invalid parameter value, includes \
    a parameter more than once, or is otherwise malformed. Check the \"%\" parameter.";

#[track_caller]
fn refuses(answer: &Answer, status: u16, error: &str, description: &str) {
    is(answer, status, &json!({ "error": error, "error_description": description }).to_string());
    assert_eq!(answer.headers["cache-control"], "no-store");
}

#[tokio::test]
async fn a_client_gets_the_five_keys_for_a_week() {
    let app = TestApp::start().await;
    app.has(account("alice")).await;
    let program = Program::known(&app, "website").await;
    for fields in [
        &[("grant_type", "client_credentials")][..],
        &[("grant_type", "password"), ("username", "alice"), ("password", PASSWORD)],
    ] {
        let answer = program.asks(fields).await;
        let tokens = pair(&answer);
        let expected = format!(
            r#"{{"access_token":"{}","token_type":"bearer","expires":1795867200,"expires_in":604800,"refresh_token":"{}"}}"#,
            tokens.access, tokens.refresh
        );
        is(&answer, 200, &expected);
        assert_eq!(answer.headers["cache-control"], "no-store");
        for token in [tokens.access, tokens.refresh] {
            assert!(token.len() == 40 && token.bytes().all(|byte| byte.is_ascii_alphanumeric()), "{token}");
        }
    }
}

#[tokio::test]
async fn what_is_missing_or_wrong_is_said_in_the_contract_s_order() {
    let app = TestApp::start().await;
    app.has(account("alice")).await;
    let secret = app.knows("website").await;
    let guest = app.anonymous().with("Content-Type", "application/json");
    let mut form = serde_json::Map::new();
    let check = |field: &str| CHECK.replace('%', field);
    let steps: [(&str, &str, u16, &str, String); 9] = [
        ("", "", 400, "invalid_request", check("grant_type")),
        ("grant_type", "implicit", 501, "unsupported_grant_type", unsupported("implicit")),
        ("grant_type", "password", 400, "invalid_request", check("client_id")),
        ("client_id", "stranger", 400, "invalid_request", check("client_secret")),
        ("client_secret", &secret, 401, "invalid_client", "Client authentication failed".to_owned()),
        ("client_id", "website", 400, "invalid_request", check("username")),
        ("username", "alice", 400, "invalid_request", check("password")),
        ("password", "guess", 400, "invalid_request", "The user credentials were incorrect.".to_owned()),
        ("username", "nobody", 400, "invalid_request", "The user credentials were incorrect.".to_owned()),
    ];
    for (field, value, status, error, description) in steps {
        form.insert(field.to_owned(), value.into());
        let answer = guest.post("/oauth", Value::Object(form.clone())).await;
        refuses(&answer, status, error, &description);
    }
    let refresh = json!({ "grant_type": "refresh_token", "client_id": "website", "client_secret": secret });
    refuses(&guest.post("/oauth", refresh).await, 400, "invalid_request", &check("refresh_token"));
}

fn unsupported(grant: &str) -> String {
    format!("The authorization grant type \"{grant}\" is not supported by the authorization server")
}

#[tokio::test]
async fn a_client_may_say_who_it_is_by_http_basic_but_the_body_wins() {
    let app = TestApp::start().await;
    let secret = app.knows("website").await;
    let basic = |text: String| format!("Basic {}", STANDARD.encode(text));
    let right = app.anonymous().with("Authorization", &basic(format!("website:{secret}")));
    pair(&post(&right, "/oauth", &[("grant_type", "client_credentials")]).await);
    let body = [("grant_type", "client_credentials"), ("client_secret", "guess")];
    let refused = post(&right, "/oauth", &body).await;
    refuses(&refused, 401, "invalid_client", "Client authentication failed");
    assert_eq!(refused.headers["www-authenticate"], r#"Basic realm="latchkey""#);
    let wrong = app.anonymous().with("Authorization", &basic("website:guess".to_owned()));
    let body = [("grant_type", "client_credentials"), ("client_secret", secret.as_str())];
    pair(&post(&wrong, "/oauth", &body).await);
    for unreadable in ["Basic", "Basic %", "Basic ????", "Bearer x", &basic("website".to_owned())] {
        let client = app.anonymous().with("Authorization", unreadable);
        let refused = post(&client, "/oauth", &[("grant_type", "client_credentials")]).await;
        refuses(&refused, 400, "invalid_request", &CHECK.replace('%', "client_id"));
    }
}

#[tokio::test]
async fn a_token_is_carried_with_its_scheme_bare_or_in_a_form() {
    let app = TestApp::start().await;
    let token = Program::known(&app, "website").await.token().await;
    let guest = app.anonymous();
    let email = [("email", "nobody@example.test")];
    for value in [format!("Bearer {token}"), format!("bearer {token}"), token.clone(), format!("{token}, x")]
    {
        is(&post(&guest.with("Authorization", &value), REMIND, &email).await, 400, WRONG_USER);
    }
    let in_form = [("email", "nobody@example.test"), ("access_token", token.as_str())];
    is(&post(&guest, REMIND, &in_form).await, 400, WRONG_USER);
    is(&post(&guest.with("Authorization", "Bearer x"), REMIND, &in_form).await, 401, BAD_TOKEN);
    is(&post(&guest, &format!("{REMIND}?access_token={token}"), &email).await, 401, NO_TOKEN);
    for value in ["", "Bearer", "Bearer "] {
        is(&post(&guest.with("Authorization", value), REMIND, &email).await, 401, NO_TOKEN);
    }
    let missing = post(&guest, REMIND, &email).await;
    assert_eq!(missing.headers["www-authenticate"], "Bearer");
    let dead = post(&carrying(&guest, "x"), REMIND, &email).await;
    assert_eq!(dead.headers["www-authenticate"], r#"Bearer error="invalid_token""#);
}

/// A user's token in the body would be read before anybody is known: only the header carries it.
#[tokio::test]
async fn a_user_s_operation_takes_the_header_only() {
    let app = TestApp::start().await;
    app.has(account("alice")).await;
    let tokens = Program::known(&app, "website").await.signs_in("alice", PASSWORD).await;
    let body = format!("password=azerty&password_confirmation=azerty&access_token={}", tokens.access);
    let guest = app.anonymous().with("Content-Type", "application/x-www-form-urlencoded");
    is(&guest.send("PUT", UPDATE, Some(body.clone())).await, 401, NO_TOKEN);
    is(&carrying(&guest, &tokens.access).send("PUT", UPDATE, Some(body)).await, 200, UPDATED);
}

#[tokio::test]
async fn a_token_dies_after_its_week_or_sooner_where_the_operator_says_so() {
    let app = TestApp::start().await;
    app.has(account("alice")).await;
    let tokens = Program::known(&app, "website").await.signs_in("alice", PASSWORD).await;
    let alice = carrying(&app.anonymous(), &tokens.access);
    app.after(7 * 24 * 60 - 1);
    is(&update(&alice, "azerty").await, 200, UPDATED);
    app.after(1);
    is(&update(&alice, "azerty").await, 401, BAD_TOKEN);

    let app = TestApp::with(|config| config.dialects.teen_quotes.token_lifetime = 3600).await;
    let program = Program::known(&app, "website").await;
    let answer = program.asks(&[("grant_type", "client_credentials")]).await;
    assert_eq!(answer.json()["expires_in"], 3600);
    app.after(60);
    let website = carrying(&app.anonymous(), &pair(&answer).access);
    is(&post(&website, REMIND, &[("email", "x@example.test")]).await, 401, BAD_TOKEN);
}

#[tokio::test]
async fn families_that_are_over_do_not_pile_up() {
    let app = TestApp::start().await;
    let program = Program::known(&app, "website").await;
    for _ in 0..5 {
        program.token().await;
    }
    app.after(38 * 24 * 60);
    program.token().await;
    assert_eq!(app.number("SELECT count(*) FROM latchkey.token_family").await, 1);
    assert_eq!(app.number("SELECT count(*) FROM latchkey.access_token").await, 1);
}

#[tokio::test]
async fn a_sign_in_is_noted_and_another_one_within_the_minute_writes_nothing_into_the_account() {
    let app = TestApp::start().await;
    app.has(account("alice")).await;
    let program = Program::known(&app, "quotes").await;
    let version =
        "SELECT xmin::text::bigint FROM tm_user WHERE username = 'alice' AND last_authenticated IS NOT NULL";
    program.signs_in("alice", PASSWORD).await;
    let noted = app.number(version).await;
    program.signs_in("alice", PASSWORD).await;
    assert_eq!(app.number(version).await, noted);
    app.after(2);
    program.signs_in("alice", PASSWORD).await;
    assert_ne!(app.number(version).await, noted);
}
