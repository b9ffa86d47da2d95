//! Seed document 002, replayed. The numbers are the lines of the document that a test proves.

use super::program::{
    INCOMPLETE, INVALID, NO_ADDRESS, NOT_FOUND, REQUESTED, SITE, USER, VALIDATED, app, axios, carrying, is,
    key_in, login, mailed_key, request, signs_in, validate,
};
use crate::support::{PASSWORD, TestApp, account};

/// A latchkey that knows abc@gmail.com of line 51, and lets letters lead to the site of line 52.
async fn stage() -> TestApp {
    let app = app().await;
    app.has(account("abc")).await;
    app.sql("UPDATE tm_user SET email = 'abc@gmail.com'").await;
    app
}

/// Lines 41 to 63, 96, 102, 103: the sample request, byte for byte as axios sends it, and its answer.
#[tokio::test]
async fn the_sample_request_is_answered_and_the_link_is_the_url_with_the_token_at_its_end() {
    let app = stage().await;
    let body = r#"{"email":"abc@gmail.com","url":"http://buddhajones.com/resetpassword/"}"#;
    let answer = axios(&app.anonymous()).send("POST", "/password-reset", Some(body.to_owned())).await;
    is(&answer, 200, REQUESTED);
    assert_eq!(answer.headers["content-length"], "44");
    let letter = app.deliver().await.only_letter_to("abc@gmail.com");
    assert_eq!(letter.subject, "Password reset request");
    let key = key_in(&letter.text);
    assert!(key.len() == 30 && key.bytes().all(|byte| byte.is_ascii_alphanumeric()));
    assert!(letter.html.contains(&format!("href=\"http://buddhajones.com/resetpassword/{key}\"")));
}

/// Line 102: "or send user name. use param name 'email' in both cases".
#[tokio::test]
async fn a_user_name_does_as_well() {
    let app = stage().await;
    mailed_key(&app, "abc", "abc@gmail.com").await;
    mailed_key(&app, " ABC ", "abc@gmail.com").await;
}

/// Line 103: the second form of a link, with a parameter at its end.
#[tokio::test]
async fn the_token_may_stand_in_a_parameter() {
    let app = TestApp::with(|config| {
        config.dialects.buddha_jones.allowed_urls = vec!["http://redi.buddhajones.com".to_owned()];
    })
    .await;
    app.has(account("abc")).await;
    let url = "http://redi.buddhajones.com/reset-password?token=";
    is(&request(&app.anonymous(), "abc", url).await, 200, REQUESTED);
    let letter = app.deliver().await.only_letter_to("abc@example.test");
    let (_, rest) = letter.text.split_once(url).unwrap();
    assert!(rest.lines().next().is_some_and(|key| key.len() == 30));
}

/// Lines 65 to 92: the three failures, byte for byte.
#[tokio::test]
async fn each_of_the_three_failures_has_the_document_s_text() {
    let app = stage().await;
    app.has(account("mute")).await;
    app.sql("UPDATE tm_user SET email = NULL WHERE username = 'mute'").await;
    let guest = axios(&app.anonymous());
    for body in ["{}", r#"{"email":"abc@gmail.com"}"#, r#"{"url":"http://buddhajones.com/resetpassword/"}"#] {
        let answer = guest.send("POST", "/password-reset", Some(body.to_owned())).await;
        is(&answer, 400, INCOMPLETE);
        assert_eq!(answer.headers["content-length"], "82", "70");
    }
    let unknown = request(&guest, "nobody@gmail.com", SITE).await;
    is(&unknown, 400, NOT_FOUND);
    assert_eq!(unknown.headers["content-length"], "40", "80");
    let mute = request(&guest, "mute", SITE).await;
    is(&mute, 400, NO_ADDRESS);
    assert_eq!(mute.headers["content-length"], "58", "90");
    assert_eq!(app.deliver().await.count(), 0);
}

/// Lines 7 to 21, 28, 34: the token is exchanged for a password by mail. Without the dot of line 61.
#[tokio::test]
async fn a_valid_token_is_exchanged_for_a_mailed_password() {
    let app = stage().await;
    let key = mailed_key(&app, "abc@gmail.com", "abc@gmail.com").await;
    let answer = validate(&app.anonymous(), &key).await;
    is(&answer, 200, VALIDATED);
    assert_eq!(answer.headers["content-length"], "43");
    let letter = app.deliver().await.only_letter_to("abc@gmail.com");
    assert_eq!(letter.subject, "Password changed");
    let password = letter.password();
    assert!(letter.html.contains(&password));
    signs_in(&app, "abc", &password).await;
    assert_eq!(login(&app.anonymous(), "abc", PASSWORD).await.status, 401, "21: done in the database");
    is(&validate(&app.anonymous(), &key).await, 400, INVALID);
}

/// Line 24: "he can login and change his password (use /user api POST request for that)".
#[tokio::test]
async fn whoever_wants_another_password_signs_in_and_changes_it() {
    let app = stage().await;
    let key = mailed_key(&app, "abc", "abc@gmail.com").await;
    validate(&app.anonymous(), &key).await;
    let mailed = app.deliver().await.only_letter_to("abc@gmail.com").password();
    let abc = carrying(&app.anonymous(), &signs_in(&app, "abc", &mailed).await);
    let body = serde_json::json!({ "old_password": mailed, "password": "a difference engine" });
    let changed = axios(&abc).post(USER, body).await;
    assert_eq!((changed.status, changed.json()["message"].as_str()), (200, Some("Request successful")));
    signs_in(&app, "abc", "a difference engine").await;
}
