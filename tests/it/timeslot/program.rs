//! A program that was written for the contract, as a test uses it.

use serde_json::json;

pub use crate::support::{is, said};
use crate::{
    contract::wire::Answer,
    support::{Client, TestApp, account, post_form},
};

pub const RESET: &str = "/v1/users/reset";
pub const SIGN_IN: &str = "/v1/users/signin";
pub const SIGN_OUT: &str = "/v1/users/signout";

pub const INVALID: &str = r#"{"error":"invalid email"}"#;
pub const MISMATCH: &str = r#"{"error":"email and password didn't match"}"#;
pub const BAD_TOKEN: &str = "Bad credentials";

/// Asks for a new password, as the seed document does.
pub async fn reset(client: &Client, email: &str) -> Answer {
    client.with("Content-Type", "application/json").post(RESET, json!({ "email": email })).await
}

/// Signs in, as the seed document does.
pub async fn sign_in(client: &Client, email: &str, password: &str) -> Answer {
    post_form(client, SIGN_IN, &[("email", email), ("password", password)]).await
}

/// The token of somebody who signs in with success.
#[track_caller]
pub fn token(answer: &Answer) -> String {
    assert_eq!(answer.status, 200, "{}", said(answer));
    answer.json()["authToken"].as_str().unwrap().to_owned()
}

/// The same client with a token.
pub fn carrying(client: &Client, token: &str) -> Client {
    client.with("Authorization", &format!("Token token={token}"))
}

/// Signs out, which only a live token can.
pub async fn sign_out(app: &TestApp, token: &str) -> Answer {
    carrying(&app.anonymous(), token).get(SIGN_OUT).await
}

/// alice, and the password that was mailed to her.
pub async fn with_mailed_password(app: &TestApp) -> (Client, String) {
    let alice = app.has(account("alice")).await;
    let password = mailed_password(app, &alice.email()).await;
    (alice, password)
}

/// The password that is mailed to somebody who asks for a reset.
pub async fn mailed_password(app: &TestApp, email: &str) -> String {
    is(&reset(&app.anonymous(), email).await, 200, " ");
    app.deliver().await.only_letter_to(email).password()
}
