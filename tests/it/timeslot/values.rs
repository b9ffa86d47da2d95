//! Check 6 of the four contracts' list: whatever comes in, nothing breaks and nothing gets into a letter.

use serde_json::json;

use super::program::{RESET, SIGN_IN, is, mailed_password, reset, said, sign_in, token};
use crate::support::{PASSWORD, TestApp, account, strange_values, unthrottled};

#[tokio::test]
async fn check_6_no_value_of_any_field_breaks_anything() {
    let app = TestApp::with(unthrottled).await;
    let alice = app.has(account("alice")).await;
    let client = app.anonymous().with("Content-Type", "application/json");
    for value in strange_values() {
        let status = client.post(RESET, json!({ "email": value })).await.status;
        assert!([403, 422].contains(&status), "{value}: {status}");
        for (email, password) in [(json!(alice.email()), value.clone()), (value.clone(), json!(PASSWORD))] {
            let status = client.post(SIGN_IN, json!({ "email": email, "password": password })).await.status;
            assert!([401, 422].contains(&status), "{value}: {status}");
        }
    }
    assert_eq!(app.deliver().await.count(), 0);
}

#[tokio::test]
async fn bodies_that_are_no_object_have_no_fields() {
    let app = TestApp::start().await;
    let missing = r#"{"error":"param is missing or the value is empty: email"}"#;
    for (kind, body) in [
        ("application/json", "[]"),
        ("application/json", "null"),
        ("application/json", "\"email\""),
        ("application/json", ""),
        ("application/x-www-form-urlencoded", "&&=&"),
        ("application/x-www-form-urlencoded", "email=%ff%fe"),
        ("multipart/form-data; boundary=x", "--x--"),
        ("text/plain", "hello"),
    ] {
        let client = app.anonymous().with("Content-Type", kind);
        is(&client.send("POST", RESET, Some(body.to_owned())).await, 422, missing);
    }
    is(&app.anonymous().send("POST", RESET, None).await, 422, missing);
    for unreadable in ["{", "{\"email\":\"\\ud800\"}", "nan", "email=a@b.test"] {
        let client = app.anonymous().with("Content-Type", "application/json");
        assert_eq!(client.send("POST", RESET, Some(unreadable.to_owned())).await.status, 400, "{unreadable}");
    }
}

#[tokio::test]
async fn the_password_is_asked_for_before_the_address() {
    let app = TestApp::start().await;
    let client = app.anonymous();
    let missing = |name: &str| format!(r#"{{"error":"param is missing or the value is empty: {name}"}}"#);
    is(&client.send("POST", SIGN_IN, Some(String::new())).await, 422, &missing("password"));
    is(
        &client.send("POST", SIGN_IN, Some("email=a@b.test&password=".into())).await,
        422,
        &missing("password"),
    );
    is(&client.send("POST", SIGN_IN, Some("password=x".into())).await, 422, &missing("email"));
}

#[tokio::test]
async fn nothing_of_an_address_gets_into_a_letter_s_head() {
    let app = TestApp::start().await;
    let alice = app.has(account("alice")).await;
    for email in
        ["alice@example.test\r\nBcc: eve@example.test", "alice@example.test%0d%0aBcc:eve@example.test"]
    {
        assert_eq!(reset(&app.anonymous(), email).await.status, 403, "{email:?}");
    }
    app.sql("UPDATE tm_user SET full_name = E'Eve\\r\\nBcc: eve@example.test'").await;
    let mailed = mailed_password(&app, &alice.email()).await;
    token(&sign_in(&app.anonymous(), &alice.email(), &mailed).await);
}

#[tokio::test]
async fn no_answer_tells_a_name_of_the_program_s_inside() {
    let app = TestApp::start().await;
    app.sql("ALTER TABLE latchkey.outbox RENAME TO gone; ALTER TABLE tm_user RENAME TO gone").await;
    for answer in
        [reset(&app.anonymous(), "a@b.test").await, sign_in(&app.anonymous(), "a@b.test", "x").await]
    {
        is(&answer, 500, r#"{"status":"500","error":"Internal Server Error"}"#);
        assert!(!said(&answer).contains("tm_user"));
    }
}
