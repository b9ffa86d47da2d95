//! Every status that the document promises is provoked over HTTP, and answers as its example says.

use std::time::Duration;

use futures_util::{StreamExt as _, stream};
use serde_json::{Value, json};

use super::program::{sign_in, token};
use crate::{
    contract::{
        document::{Document, Operation, documents_of},
        house::{tire, tired},
        wire::{Answer, send, send_unframed},
    },
    support::{PASSWORD, TestApp, account},
};

/// A server in one state, and the user of the document's examples on it.
struct House {
    app: TestApp,
    /// A token from when all was well.
    token: String,
}

impl House {
    /// In the state that the example of this name is about.
    async fn open(name: &str) -> Self {
        let mut app = TestApp::start().await;
        app.has(account("someone")).await;
        app.sql("UPDATE tm_user SET id = 215, username = 'User 214', email = 'user58@email.com'").await;
        let token = token(&sign_in(&app.anonymous(), "user58@email.com", PASSWORD).await);
        match name {
            "broken" => app.sql(BREAK).await,
            "away" => app.lose_database().await,
            "slow" => {
                let patience = Duration::from_millis(300);
                app = TestApp::on(app.url.clone(), |config| config.limits.call_timeout = patience).await;
            }
            "tooMany" => {
                app = TestApp::on(app.url.clone(), tired).await;
                tire(&app).await;
            }
            _ => {}
        }
        Self { app, token }
    }
}

/// Takes away what every use case needs.
const BREAK: &str = "ALTER TABLE tm_user RENAME TO gone; ALTER TABLE latchkey.outbox RENAME TO gone_too; \
    ALTER TABLE latchkey.auth_token RENAME TO away";

#[tokio::test(flavor = "multi_thread")]
async fn every_documented_status_of_every_operation_is_reached() {
    let promises = documents_of("timeslot").flat_map(Document::operations).flat_map(promises);
    let visits = stream::iter(promises).map(|(operation, status, name, example)| async move {
        let house = House::open(name).await;
        let answer = Visit { house: &house, operation }.provoke(name).await;
        let kept = answer.status == status && shown(&answer) == masked(example.clone());
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
        if let Some((_, form)) = self.operation.request_examples().find(|(example, _)| *example == name) {
            return self.asks(&form.to_string()).await;
        }
        match name {
            "signedOut" => self.asks("").await,
            "notJson" => self.asks("{").await,
            "noToken" => self.call(&[("Authorization", "none")], "").await,
            "deadToken" => {
                self.asks("").await;
                self.asks("").await
            }
            "brokenOff" => self.unframed(("Transfer-Encoding", "chunked"), "no chunk\r\n").await,
            "slow" => self.unframed(("Content-Length", "10"), "nine byte").await,
            "crossSite" => self.call(&[("Cookie", "a=b"), ("Sec-Fetch-Site", "cross-site")], "").await,
            "otherMethod" => self.send("DELETE", &[], "").await,
            "tooLarge" => self.asks(&"x".repeat(65_537)).await,
            "broken" | "away" | "tooMany" => {
                let sound = self.operation.request_examples().next();
                self.asks(&sound.map(|(_, form)| form.to_string()).unwrap_or_default()).await
            }
            _ => panic!("nobody knows how to provoke {name}"),
        }
    }

    async fn asks(&self, body: &str) -> Answer {
        self.call(&[("Content-Type", "application/json")], body).await
    }

    async fn call(&self, headers: &[(&str, &str)], body: &str) -> Answer {
        self.send(self.operation.method, headers, body).await
    }

    async fn send(&self, method: &str, headers: &[(&str, &str)], body: &str) -> Answer {
        let (headers, path) = (self.headers(headers), format!("/v1{}", self.operation.path));
        send(self.house.app.address(), method, &path, &headers, Some(body).filter(|body| !body.is_empty()))
            .await
    }

    async fn unframed(&self, framing: (&str, &str), rest: &str) -> Answer {
        let (headers, path) = (self.headers(&[framing]), format!("/v1{}", self.operation.path));
        send_unframed(self.house.app.address(), self.operation.method, &path, &headers, rest).await
    }

    fn headers(&self, more: &[(&str, &str)]) -> Vec<(String, String)> {
        let own = ("Authorization".to_owned(), format!("Token token={}", self.house.token));
        let own = Some(own).filter(|_| more.iter().all(|(name, _)| *name != "Authorization"));
        let more = more.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        own.into_iter().chain(more).collect()
    }
}

/// What came, as JSON or as the text that it is.
fn shown(answer: &Answer) -> Value {
    let text = String::from_utf8_lossy(&answer.body);
    masked(serde_json::from_str(&text).unwrap_or_else(|_| Value::from(text)))
}

/// Hides what no two runs have in common.
fn masked(mut body: Value) -> Value {
    if let Some(token) = body.get_mut("authToken") {
        *token = json!("drawn");
    }
    body
}
