//! Bodies as they are: forms that are sent, and answers that must be the same byte for byte.

use http::HeaderMap;
use serde_json::{Value, json};

use super::Client;
use crate::contract::wire::Answer;

/// A form's body.
pub fn form(pairs: &[(&str, &str)]) -> Option<String> {
    Some(form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish())
}

/// The same as `multipart/form-data` between this boundary.
pub fn multipart(boundary: &str, pairs: &[(&str, &str)]) -> String {
    let part = |(name, value): &(&str, &str)| {
        format!("--{boundary}\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n")
    };
    pairs.iter().map(part).collect::<String>() + "--" + boundary + "--\r\n"
}

/// Posts a form.
pub async fn post_form(client: &Client, path: &str, pairs: &[(&str, &str)]) -> Answer {
    let client = client.with("Content-Type", "application/x-www-form-urlencoded");
    client.send("POST", path, form(pairs)).await
}

/// The same client, carrying a token as RFC 6750 has it.
pub fn carrying(client: &Client, token: &str) -> Client {
    client.with("Authorization", &format!("Bearer {token}"))
}

/// The body.
pub fn said(answer: &Answer) -> String {
    String::from_utf8(answer.body.clone()).unwrap()
}

/// Fails the test unless the answer is this one.
#[track_caller]
pub fn is(answer: &Answer, status: u16, body: &str) {
    assert_eq!((answer.status, said(answer).as_str()), (status, body));
}

/// All of an answer but what no two have in common.
pub fn lasting(answer: &Answer) -> (u16, HeaderMap, String) {
    let mut headers = answer.headers.clone();
    for name in ["date", "x-request-id", "x-runtime"] {
        headers.remove(name);
    }
    (answer.status, headers, said(answer))
}

/// What somebody may send where a contract expects a name, an address, a key or a password.
pub fn strange_values() -> Vec<Value> {
    let texts = ["", " ", "\0", "a\0b@example.test", "x@y.test\r\nBcc: z@y.test", "💥", "../..", "%", "'--"];
    let kinds =
        [json!(null), json!(true), json!(0), json!(-1.5e300), json!([]), json!(["a"]), json!({ "a": 1 })];
    let long = "x".repeat(60_000);
    let address = format!("{long}@example.test");
    texts.map(Value::from).into_iter().chain(kinds).chain([long, address].map(Value::from)).collect()
}
