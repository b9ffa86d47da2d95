//! Every status that the document promises is provoked over HTTP, and answers as its example says.

use std::time::Duration;

use futures_util::{StreamExt as _, stream};
use serde_json::{Value, json};

use super::program::{RESET, key_in, login, mailed_key, token, validate, with_site};
use crate::{
    contract::{
        document::{Document, Operation, documents_of},
        house::{tire, tired},
        wire::{Answer, send, send_unframed},
    },
    support::{PASSWORD, TestApp, account},
};

/// A server in one state, and the people of the document's examples on it.
struct House {
    app: TestApp,
    /// A token and a key from when all was well.
    token: String,
    key: String,
}

impl House {
    /// In the state that the example of this name is about.
    async fn open(name: &str) -> Self {
        let mut app = TestApp::with(with_site).await;
        app.has(account("ada")).await;
        app.has(account("grace")).await;
        app.sql(PEOPLE).await;
        let token = token(&login(&app.anonymous(), "ada", PASSWORD).await);
        let key = mailed_key(&app, "ada", "abc@gmail.com").await;
        match name {
            "usedKey" => drop(validate(&app.anonymous(), &key).await),
            "broken" => app.sql(BREAK).await,
            "away" => app.lose_database().await,
            "slow" => {
                let patience = Duration::from_millis(300);
                app = TestApp::on(app.url.clone(), |config| config.limits.call_timeout = patience).await;
            }
            "tooMany" => {
                app = TestApp::on(app.url.clone(), |config| {
                    with_site(config);
                    tired(config);
                })
                .await;
                tire(&app).await;
            }
            _ => {}
        }
        Self { app, token, key }
    }
}

const PEOPLE: &str = "UPDATE tm_user SET id = 7, email = 'abc@gmail.com', full_name = 'Ada Lovelace' \
      WHERE username = 'ada'; \
    UPDATE tm_user SET email = NULL WHERE username = 'grace'";

/// Takes away what every use case needs.
const BREAK: &str = "ALTER TABLE tm_user RENAME TO gone; ALTER TABLE latchkey.outbox RENAME TO gone_too; \
    ALTER TABLE latchkey.auth_token RENAME TO away";

#[tokio::test(flavor = "multi_thread")]
async fn every_documented_status_of_every_operation_is_reached() {
    let promises = documents_of("buddha_jones").flat_map(Document::operations).flat_map(promises);
    let visits = stream::iter(promises).map(|(operation, status, name, example)| async move {
        let house = House::open(name).await;
        let answer = Visit { house: &house, operation }.provoke(name).await;
        let kept = answer.status == status && masked(answer.json()) == at(operation, example);
        let came = String::from_utf8_lossy(&answer.body).into_owned();
        (!kept).then(|| format!("{} {status} ({name}): {} {came}", operation.id, answer.status))
    });
    let broken: Vec<String> = visits.buffer_unordered(4).filter_map(std::future::ready).collect().await;
    assert!(broken.is_empty(), "{} promises are not kept:\n{}", broken.len(), broken.join("\n"));
}

/// What the document promises of an operation: each status, with the name of each example and the example.
fn promises(operation: Operation) -> impl Iterator<Item = (Operation, u16, &'static str, &'static Value)> {
    operation.statuses().flat_map(move |status| {
        operation.response_examples(status).map(move |(name, example)| (operation, status, name, example))
    })
}

struct Visit<'a> {
    house: &'a House,
    operation: Operation,
}

impl Visit<'_> {
    /// Makes the operation answer as the example of this name.
    async fn provoke(&self, name: &str) -> Answer {
        let known = self.operation.request_examples().find(|(example, _)| *example == name);
        match (known, name) {
            (Some((_, form)), _) => {
                let mut form = form.clone();
                if name == "validated" {
                    form["token"] = self.house.key.as_str().into();
                }
                self.asks(name, &form.to_string()).await
            }
            (None, "notJson") => self.asks(name, "{").await,
            (None, "noToken") => self.call(name, &[("Authorization", "none")], "{}").await,
            (None, "deadToken") => {
                self.house.app.sql("DELETE FROM latchkey.auth_token").await;
                self.asks(name, "{}").await
            }
            (None, "usedKey") if self.operation.method == "POST" => {
                self.asks(name, &json!({ "token": self.house.key }).to_string()).await
            }
            (None, "brokenOff") => self.unframed(("Transfer-Encoding", "chunked"), "no chunk\r\n").await,
            (None, "slow") => self.unframed(("Content-Length", "10"), "nine byte").await,
            (None, "crossSite") => {
                self.call(name, &[("Cookie", "a=b"), ("Sec-Fetch-Site", "cross-site")], "").await
            }
            (None, "otherMethod") => self.send("PATCH", name, &[], "").await,
            (None, "tooLarge") => self.asks(name, &"x".repeat(65_537)).await,
            (None, "broken" | "away" | "tooMany") => {
                let sound = self.operation.request_examples().next().map(|(_, form)| form.to_string());
                self.asks(name, &sound.unwrap_or_default()).await
            }
            (None, _) => self.asks(name, "").await,
        }
    }

    async fn asks(&self, name: &str, body: &str) -> Answer {
        self.call(name, &[("Content-Type", "application/json")], body).await
    }

    async fn call(&self, name: &str, headers: &[(&str, &str)], body: &str) -> Answer {
        self.send(self.operation.method, name, headers, body).await
    }

    async fn send(&self, method: &str, name: &str, headers: &[(&str, &str)], body: &str) -> Answer {
        let (headers, path) = (self.headers(headers), self.target(name));
        send(self.house.app.address(), method, &path, &headers, Some(body).filter(|body| !body.is_empty()))
            .await
    }

    async fn unframed(&self, framing: (&str, &str), rest: &str) -> Answer {
        let headers = self.headers(&[framing]);
        send_unframed(self.house.app.address(), self.operation.method, &self.target(""), &headers, rest).await
    }

    /// The path, with the key that the example is about.
    fn target(&self, name: &str) -> String {
        let key = if name == "unknownKey" { "abcdefghijABCDEFGHIJ0123456789" } else { &self.house.key };
        match (self.operation.method, self.operation.path, name) {
            ("GET", RESET, "missingKey") => RESET.to_owned(),
            ("GET", RESET, _) => format!("{RESET}?token={key}"),
            (_, path, _) => path.replace("{token}", key),
        }
    }

    fn headers(&self, more: &[(&str, &str)]) -> Vec<(String, String)> {
        let own = ("Authorization".to_owned(), format!("Bearer {}", self.house.token));
        let own = Some(own).filter(|_| more.iter().all(|(name, _)| *name != "Authorization"));
        let more = more.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        own.into_iter().chain(more).collect()
    }
}

/// The example, where it names the path of another operation.
fn at(operation: Operation, example: &Value) -> Value {
    let text = masked(example.clone()).to_string();
    let path = operation.path.replace("{token}", "a key");
    serde_json::from_str(&text.replace("'/password-reset' does", &format!("'{path}' does"))).unwrap()
}

/// Hides what no two runs have in common.
fn masked(mut body: Value) -> Value {
    if let Some(data) = body.get_mut("data") {
        for (key, hidden) in [("token", "drawn"), ("type_id", "some role")] {
            if let Some(value) = data.get_mut(key) {
                *value = json!(hidden);
            }
        }
    }
    if let Some(message) = body["message"].as_str().filter(|text| text.contains("/password-reset/")) {
        let (before, rest) = message.split_once("/password-reset/").unwrap();
        let after = rest.split_once('\'').unwrap().1;
        if !rest.starts_with("confirm") {
            body["message"] = format!("{before}/password-reset/a key'{after}").into();
        }
    }
    body
}

/// The letter of the examples leads where they say.
#[tokio::test]
async fn the_example_of_a_request_is_served_as_it_stands() {
    let house = House::open("requested").await;
    let operation = documents_of("buddha_jones").flat_map(Document::operations).next().unwrap();
    Visit { house: &house, operation }.provoke("requested").await;
    key_in(&house.app.deliver().await.only_letter_to("abc@gmail.com").text);
}
