//! A program that was written for the contract, as a test uses it.

use latchkey::config::Config;
use serde_json::{Value, json};

pub use crate::support::{carrying, form, is, multipart, said};
use crate::{
    contract::wire::Answer,
    support::{Client, TestApp},
};

pub const RESET: &str = "/password-reset";
pub const CONFIRM: &str = "/password-reset/confirm";
pub const LOGIN: &str = "/login";
pub const LOGOUT: &str = "/logout";
pub const USER: &str = "/user";

/// The front end of the seed document, line 52.
pub const SITE: &str = "http://buddhajones.com/resetpassword/";

pub const REQUESTED: &str = r#"{"status":1,"message":"Request successful."}"#;
pub const VALIDATED: &str = r#"{"status":1,"message":"Request successful"}"#;
pub const INCOMPLETE: &str =
    r#"{"status":0,"message":"Please provide required data (email (or user name), url)."}"#;
pub const NOT_FOUND: &str = r#"{"status":0,"message":"User not found."}"#;
pub const NO_ADDRESS: &str = r#"{"status":0,"message":"User does not have email address."}"#;
pub const INVALID: &str = r#"{"status":0,"message":"Invalid token"}"#;
pub const MISMATCH: &str = r#"{"status":0,"message":"User name and password does not match"}"#;
pub const NO_TOKEN: &str = r#"{"status":0,"message":"User authentication failed","auth_error":1}"#;
pub const GONE: &str = r#"{"status":1,"message":"Logout successful"}"#;

/// Lets letters lead to the front end.
pub fn with_site(config: &mut Config) {
    (config.throttle.letters_per_hour, config.throttle.address_burst) = (100, 1000);
    config.dialects.buddha_jones.allowed_urls = vec!["http://buddhajones.com".to_owned()];
}

/// A latchkey that lets letters lead to the front end.
pub async fn app() -> TestApp {
    TestApp::with(with_site).await
}

/// A client that sends JSON, as axios does.
pub fn axios(client: &Client) -> Client {
    client.with("Accept", "application/json, text/plain, */*").with("Content-Type", "application/json")
}

/// Asks for a reset, as the seed document does.
pub async fn request(client: &Client, name: &str, url: &str) -> Answer {
    axios(client).post(RESET, json!({ "email": name, "url": url })).await
}

/// The key that is mailed to somebody who asks.
pub async fn mailed_key(app: &TestApp, name: &str, address: &str) -> String {
    is(&request(&app.anonymous(), name, SITE).await, 200, REQUESTED);
    key_in(&app.deliver().await.only_letter_to(address).text)
}

/// The key in a letter's link.
#[track_caller]
pub fn key_in(text: &str) -> String {
    let (_, rest) = text.split_once(SITE).expect("a link to the front end");
    rest.chars().take_while(char::is_ascii_alphanumeric).collect()
}

/// Exchanges a key, as the front end does.
pub async fn validate(client: &Client, key: &str) -> Answer {
    client.with("Accept", "application/json, text/plain, */*").get(&format!("{RESET}?token={key}")).await
}

/// Signs in.
pub async fn login(client: &Client, username: &str, password: &str) -> Answer {
    axios(client).post(LOGIN, json!({ "username": username, "password": password })).await
}

/// The token of somebody who signs in with success.
#[track_caller]
pub fn token(answer: &Answer) -> String {
    assert_eq!(answer.status, 200, "{}", said(answer));
    answer.json()["data"]["token"].as_str().unwrap().to_owned()
}

/// Signs somebody in; the token.
pub async fn signs_in(app: &TestApp, username: &str, password: &str) -> String {
    token(&login(&app.anonymous(), username, password).await)
}

/// Whether a token is good: a wrong old password is only told to whoever has one.
pub async fn lives(app: &TestApp, token: &str) -> bool {
    let body = json!({ "old_password": "a guess", "password": "a difference engine" });
    let answer = axios(&carrying(&app.anonymous(), token)).post(USER, body).await;
    match answer.status {
        400 => true,
        401 => false,
        other => panic!("{other}: {}", said(&answer)),
    }
}

/// A failure in the envelope.
pub fn failure(message: &str) -> String {
    json!({ "status": 0, "message": message }).to_string()
}

/// The keys of an object, in order.
pub fn keys(value: &Value) -> Vec<&str> {
    value.as_object().unwrap().keys().map(String::as_str).collect()
}
