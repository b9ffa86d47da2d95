//! How often anybody may try: by name and account, by address, by client, by letter.

mod addresses;
mod contracts;
mod letters;
mod sign_in;

use std::time::Duration;

use latchkey::config::Config;

use crate::{
    contract::wire::Answer,
    support::{Client, TestApp},
};

/// An application behind a proxy that says who the client is.
async fn behind_a_proxy() -> TestApp {
    TestApp::with(trusting).await
}

fn trusting(config: &mut Config) {
    config.trusted_proxies = vec!["127.0.0.0/8".parse().unwrap()];
}

/// The same client at an address.
fn at(client: &Client, address: &str) -> Client {
    client.with("X-Forwarded-For", address)
}

async fn sign_in(client: &Client, username: &str, password: &str) -> Answer {
    client.post("user/login", serde_json::json!({ "u": username, "p": password })).await
}

/// Fails the test unless the answer is 429 in Traffic Ops' envelope; the seconds it names.
#[track_caller]
fn held(answer: &Answer) -> u64 {
    answer.refuses(429, "Too many attempts. Try again later.");
    answer.headers["retry-after"].to_str().unwrap().parse().unwrap()
}

/// Moves the clock past what an answer says.
fn wait(app: &TestApp, seconds: u64) {
    app.clock.advance(Duration::from_secs(seconds));
}
