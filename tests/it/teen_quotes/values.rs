//! Check 6 of the four contracts' list: whatever comes in, nothing breaks and nothing gets into a letter.

use serde_json::json;

use super::program::{
    DONE, Program, REMIND, RESET, WRONG_PASSWORD, WRONG_TOKEN, WRONG_USER, is, mailed_key, post, reset,
};
use crate::support::{TestApp, account, strange_values};

#[tokio::test]
async fn check_6_no_value_of_any_field_breaks_anything() {
    let app = TestApp::start().await;
    let alice = app.has(account("alice")).await;
    let website = Program::known(&app, "website").await.with_token().await;
    let json_client = website.with("Content-Type", "application/json");
    let key = mailed_key(&app, &website, &alice.email()).await;
    let good = json!({ "email": alice.email(), "token": key, "password": "azerty" });
    for (field, refusal) in [("email", WRONG_USER), ("password", WRONG_PASSWORD), ("token", WRONG_TOKEN)] {
        for value in strange_values() {
            // Of these some are good passwords, so that the token has to be the reason.
            let mut form = good.clone();
            form[field] = value.clone();
            if field == "password" {
                form["token"] = "x".into();
            }
            let answer = json_client.post(RESET, form).await;
            assert_eq!(answer.status, 400, "{field} {value}");
            let allowed = [refusal, if field == "password" { WRONG_TOKEN } else { refusal }];
            let said = String::from_utf8(answer.body).unwrap();
            assert!(allowed.contains(&said.as_str()), "{field} {value}: {said}");
        }
    }
    for value in strange_values() {
        is(&json_client.post(REMIND, json!({ "email": value })).await, 400, WRONG_USER);
        for field in ["grant_type", "client_id", "client_secret", "username", "password", "refresh_token"] {
            let status = json_client.post("/oauth", json!({ field: value })).await.status;
            assert!([400, 401, 501].contains(&status), "{field} {value}: {status}");
        }
    }
    is(&reset(&website, &alice.email(), &key, "azerty").await, 200, DONE);
}

#[tokio::test]
async fn what_is_no_json_and_no_form_is_as_if_nothing_had_been_sent() {
    let app = TestApp::start().await;
    let website = Program::known(&app, "website").await.with_token().await;
    let bodies = ["", "{", "[]", "null", "\"email\"", "{\"email\":\"\\ud800\"}", "nan", "&&=&", "email"];
    for kind in ["application/json", "application/x-www-form-urlencoded", "text/plain", "multipart/form-data"]
    {
        for body in bodies {
            let client = website.with("Content-Type", kind);
            is(&client.send("POST", REMIND, Some(body.to_owned())).await, 400, WRONG_USER);
        }
    }
    is(&website.send("POST", REMIND, None).await, 400, WRONG_USER);
}

/// A password of bytes that are no text must not become one of many equal ones.
#[tokio::test]
async fn what_is_not_utf_8_is_refused_and_not_replaced() {
    let app = TestApp::start().await;
    let alice = app.has(account("alice")).await;
    let website = Program::known(&app, "website").await.with_token().await;
    let key = mailed_key(&app, &website, &alice.email()).await;
    let body = format!("email={}&token={key}&password=%ff%fe%fd%fc%fb%fa", alice.email());
    let form = website.with("Content-Type", "application/x-www-form-urlencoded");
    is(&form.send("POST", RESET, Some(body)).await, 400, WRONG_PASSWORD);
    is(&reset(&website, &alice.email(), &key, "ünïcödé + & = %").await, 200, DONE);
}

#[tokio::test]
async fn nothing_of_an_address_gets_into_a_letter_s_head() {
    let app = TestApp::start().await;
    app.has(account("alice")).await;
    let website = Program::known(&app, "website").await.with_token().await;
    for email in [
        "alice@example.test\r\nBcc: eve@example.test",
        "alice@example.test\nBcc: eve@example.test",
        "alice@example.test,eve@example.test",
        "alice@example.test eve@example.test",
        "alice@example.test%0d%0aBcc: eve@example.test",
        "\"alice@example.test\r\n\"@example.test",
    ] {
        is(&post(&website, REMIND, &[("email", email)]).await, 400, WRONG_USER);
    }
    assert_eq!(app.deliver().await.count(), 0);
}

#[tokio::test]
async fn the_language_that_a_client_accepts_does_not_change_the_answer() {
    let app = TestApp::start().await;
    let website = Program::known(&app, "website").await.with_token().await;
    for accept in ["text/html", "application/xml", "", "*/*;q=0"] {
        let client = website.with("Accept", accept);
        is(&post(&client, REMIND, &[("email", "x@example.test")]).await, 400, WRONG_USER);
    }
}
