//! Seed document 000, replayed. The numbers are the lines of the document that a test proves.

use std::sync::Arc;

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use latchkey::ports::{Entropy, OsEntropy};

use super::program::{self, BAD_TOKEN, INVALID, is, sign_out};
use crate::{
    contract::wire::{Answer, send},
    support::{TestApp, account, database_url},
};

/// Line 113.
const TOKEN: &str = "9tNOulANZ9PVYrHes_rLv-XPhko";

/// Chance that draws the token of the document whenever a token is drawn.
struct SeedsToken;

impl Entropy for SeedsToken {
    fn fill(&self, bytes: &mut [u8]) {
        OsEntropy.fill(bytes);
        if bytes.len() == 20 {
            bytes.copy_from_slice(&URL_SAFE_NO_PAD.decode(TOKEN).unwrap());
        }
    }
}

/// A latchkey that knows the user of lines 110 to 112 and sets the password of line 9.
async fn stage(fixed: bool) -> TestApp {
    let app = TestApp::drawing(Arc::new(SeedsToken), database_url().await, |config| {
        let password = fixed.then(|| "autechre".to_owned().into());
        config.dialects.timeslot.fixed_password = password;
    })
    .await;
    app.has(account("someone")).await;
    app.sql("UPDATE tm_user SET id = 215, username = 'User 214', email = 'user58@email.com'").await;
    app
}

/// Lines 24 to 37: the first request, byte for byte but for the line breaks that rack-test adds.
async fn first_request(app: &TestApp, body: &str) -> Answer {
    let headers = [
        ("Content-Type", "application/json"),
        ("Accept", "application/json"),
        ("Host", "example.org"),
        ("Cookie", ""),
    ];
    send(app.address(), "POST", "/v1/users/reset", &owned(&headers), Some(body)).await
}

/// Lines 71 to 81: the second request.
async fn second_request(app: &TestApp, body: &str) -> Answer {
    let headers =
        [("Host", "example.org"), ("Content-Type", "application/x-www-form-urlencoded"), ("Cookie", "")];
    send(app.address(), "POST", "/v1/users/signin", &owned(&headers), Some(body)).await
}

fn owned(headers: &[(&str, &str)]) -> Vec<(String, String)> {
    headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

/// Lines 50 to 57, 93 to 100: names and values; those that no two answers share are held against their form.
#[track_caller]
fn has_the_headers(answer: &Answer, kind: &str, tag: &str, length: &str) {
    for (name, value) in [
        ("X-Frame-Options", "SAMEORIGIN"),
        ("X-XSS-Protection", "1; mode=block"),
        ("X-Content-Type-Options", "nosniff"),
        ("Content-Type", kind),
        ("ETag", tag),
        ("Cache-Control", "max-age=0, private, must-revalidate"),
        ("Content-Length", length),
    ] {
        assert_eq!(answer.headers[name], value, "{name}");
    }
    for name in ["Set-Cookie", "Server", "Vary", "Content-Encoding"] {
        assert!(!answer.headers.contains_key(name), "{name} is not in the document");
    }
    let id = answer.headers["X-Request-Id"].to_str().unwrap();
    let parts: Vec<_> = id.split('-').map(str::len).collect();
    assert_eq!((parts.as_slice(), &id[14..15]), (&[8, 4, 4, 4, 12][..], "4"), "a random UUID: {id}");
    assert!(id.bytes().all(|byte| byte == b'-' || byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte)));
    let (seconds, fraction) = answer.headers["X-Runtime"].to_str().unwrap().split_once('.').unwrap();
    assert!(seconds.parse::<u32>().is_ok() && fraction.len() == 6 && fraction.parse::<u32>().is_ok());
}

/// Check 1 of the four contracts' list. Lines 5, 9, 11, 24 to 37, 50 to 66 and then 71 to 114.
#[tokio::test]
async fn check_1_the_two_requests_of_the_document_get_its_two_answers() {
    let app = stage(true).await;
    let reset = first_request(&app, "{\n  \"email\" : \"user58@email.com\"\n}").await;
    is(&reset, 200, " ");
    has_the_headers(&reset, "application/json", "\"7215ee9c7d9dc229d2921a40e899ec5f\"", "1");
    let signed_in = second_request(&app, "email=user58%40email.com&password=autechre").await;
    let body = r#"{"id":215,"username":"User 214","email":"user58@email.com","authToken":"9tNOulANZ9PVYrHes_rLv-XPhko"}"#;
    is(&signed_in, 200, body);
    let kind = "application/json; charset=utf-8";
    has_the_headers(&signed_in, kind, "\"c679f9a5b654d57587fffba849d4b08a\"", "101");
}

/// Line 41: what the cURL example sends.
#[tokio::test]
async fn the_curl_example_of_the_reset_works() {
    let app = stage(true).await;
    is(&first_request(&app, r#"{"email":"user58@email.com"}"#).await, 200, " ");
}

/// Check 1, its end: after a reset with a fixed password the token of before is dead.
#[tokio::test]
async fn a_reset_with_a_fixed_password_ends_the_earlier_token() {
    let app = stage(true).await;
    first_request(&app, r#"{"email":"user58@email.com"}"#).await;
    let earlier = program::token(&second_request(&app, "email=user58%40email.com&password=autechre").await);
    first_request(&app, r#"{"email":"user58@email.com"}"#).await;
    is(&sign_out(&app, &earlier).await, 401, BAD_TOKEN);
}

/// Line 13, for a malformed address and for one that nobody has; 17: required.
#[tokio::test]
async fn an_invalid_email_is_403() {
    for fixed in [true, false] {
        let app = stage(fixed).await;
        is(&first_request(&app, r#"{"email":"nobody@email.com"}"#).await, 403, INVALID);
        is(&first_request(&app, r#"{"email":"user58"}"#).await, 403, INVALID);
        let missing = r#"{"error":"param is missing or the value is empty: email"}"#;
        is(&first_request(&app, "{}").await, 422, missing);
    }
}

/// The same two requests without a fixed password: the same answers, and the password of line 9 comes by mail.
#[tokio::test]
async fn without_a_fixed_password_it_is_drawn_and_mailed() {
    let app = stage(false).await;
    let reset = first_request(&app, r#"{"email":"user58@email.com"}"#).await;
    is(&reset, 200, " ");
    has_the_headers(&reset, "application/json", "\"7215ee9c7d9dc229d2921a40e899ec5f\"", "1");
    is(&second_request(&app, "email=user58%40email.com&password=autechre").await, 401, program::MISMATCH);
    let letter = app.deliver().await.only_letter_to("user58@email.com");
    assert_eq!(letter.subject, "Your new Password for latchkey");
    let password = letter.password();
    let signed_in = second_request(&app, &format!("email=user58%40email.com&password={password}")).await;
    let body = r#"{"id":215,"username":"User 214","email":"user58@email.com","authToken":"9tNOulANZ9PVYrHes_rLv-XPhko"}"#;
    is(&signed_in, 200, body);
}
