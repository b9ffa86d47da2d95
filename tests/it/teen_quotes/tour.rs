//! Every status that the document promises is provoked over HTTP, and answers as its example says.

use std::time::Duration;

use serde_json::{Value, json};

use super::program::{Program, RESET, UPDATE, mailed_key};
use crate::{
    contract::{
        document::{Document, Operation, documents_of},
        house::{tire, tired},
        wire::{Answer, send, send_unframed},
    },
    support::{TestApp, account},
};

/// A server in one state, ada's account and a program on it.
struct House {
    app: TestApp,
    program: Program,
    /// Tokens from when all was well: the program's own, and ada's.
    tokens: [String; 2],
}

impl House {
    /// In the state that the example of this name is about.
    async fn open(name: &str) -> Self {
        let mut app = TestApp::start().await;
        app.has(account("ada")).await;
        app.sql("UPDATE tm_user SET email = 'ada@example.com'").await;
        let program = Program::known(&app, "website").await;
        let ada = program.signs_in("ada", crate::support::PASSWORD).await;
        let tokens = [program.token().await, ada.access];
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
        Self { app, program, tokens }
    }
}

/// Takes away what every use case needs.
const BREAK: &str = "ALTER TABLE tm_user RENAME TO gone; ALTER TABLE latchkey.outbox RENAME TO gone_too; \
    ALTER TABLE latchkey.oauth_client RENAME TO gone_as_well; ALTER TABLE latchkey.access_token RENAME TO away";

#[tokio::test(flavor = "multi_thread")]
async fn every_documented_status_of_every_operation_is_reached() {
    let mut broken = Vec::new();
    for operation in documents_of("teen_quotes").flat_map(Document::operations) {
        for status in operation.statuses() {
            for (name, example) in operation.response_examples(status) {
                let house = House::open(name).await;
                let answer = provoke(&house, operation, name).await;
                if answer.status != status || masked(answer.json()) != at(operation, example) {
                    let came = String::from_utf8_lossy(&answer.body);
                    broken.push(format!("{} {status} ({name}): {} {came}", operation.id, answer.status));
                }
            }
        }
    }
    assert!(broken.is_empty(), "{} promises are not kept:\n{}", broken.len(), broken.join("\n"));
}

/// Makes the operation answer as the example of this name.
async fn provoke(house: &House, operation: Operation, name: &str) -> Answer {
    let [clients, adas] = &house.tokens;
    let token = if operation.path == UPDATE { adas } else { clients };
    let is_well = !["broken", "away", "slow", "tooMany"].contains(&name);
    let visit = Visit { house, operation, token: Some(token.clone()), is_well };
    if let Some((_, form)) = operation.request_examples().find(|(example, _)| *example == name) {
        return visit.asks(&visit.filled_in(form, name).await.to_string()).await;
    }
    match name {
        "brokenOff" => visit.unframed(("Transfer-Encoding", "chunked"), "no chunk\r\n").await,
        "slow" => visit.unframed(("Content-Length", "10"), "nine byte").await,
        "noToken" => Visit { token: None, ..visit }.asks("{}").await,
        "deadToken" => Visit { token: Some("x".repeat(40)), ..visit }.asks("{}").await,
        "clientsToken" => Visit { token: Some(clients.clone()), ..visit }.asks("{}").await,
        "crossSite" => {
            visit.call(operation.method, &[("Cookie", "a=b"), ("Sec-Fetch-Site", "cross-site")], "").await
        }
        "otherMethod" => visit.call("DELETE", &[], "").await,
        "tooLarge" => visit.asks(&"x".repeat(65_537)).await,
        "broken" | "away" | "tooMany" => {
            let (name, form) = operation.request_examples().next().expect("an example");
            visit.asks(&visit.filled_in(form, name).await.to_string()).await
        }
        _ => panic!("nobody knows how to provoke {name}"),
    }
}

struct Visit<'a> {
    house: &'a House,
    operation: Operation,
    token: Option<String>,
    /// Whether the server is in order, so that things can be prepared on it.
    is_well: bool,
}

impl Visit<'_> {
    /// The example of a request, with what this server drew instead of what the document shows.
    async fn filled_in(&self, form: &Value, name: &str) -> Value {
        let mut form = form.clone();
        if form.get("client_secret").is_some() && name != "wrongSecret" {
            form["client_secret"] = self.house.program.secret().into();
        }
        if name == "accountToken" {
            form["password"] = crate::support::PASSWORD.into();
        }
        if name == "refreshed" {
            let pair = self.house.program.signs_in("ada", crate::support::PASSWORD).await;
            form["refresh_token"] = pair.refresh.into();
        }
        if self.operation.path == RESET && name == "reset" && self.is_well {
            let website = self.house.program.with_token().await;
            form["token"] = mailed_key(&self.house.app, &website, "ada@example.com").await.into();
        }
        form
    }

    async fn asks(&self, body: &str) -> Answer {
        self.call(self.operation.method, &[("Content-Type", "application/json")], body).await
    }

    async fn call(&self, method: &str, headers: &[(&str, &str)], body: &str) -> Answer {
        let headers = self.headers(headers);
        let body = Some(body).filter(|body| !body.is_empty());
        send(self.house.app.address(), method, self.operation.path, &headers, body).await
    }

    async fn unframed(&self, framing: (&str, &str), rest: &str) -> Answer {
        let headers = self.headers(&[framing]);
        send_unframed(self.house.app.address(), self.operation.method, self.operation.path, &headers, rest)
            .await
    }

    fn headers(&self, more: &[(&str, &str)]) -> Vec<(String, String)> {
        let bearer = self.token.as_ref().filter(|_| self.operation.path != "/oauth");
        let bearer = bearer.map(|token| ("Authorization".to_owned(), format!("Bearer {token}")));
        let more = more.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        bearer.into_iter().chain(more).collect()
    }
}

/// The example, where it names the path of another operation.
fn at(operation: Operation, example: &Value) -> Value {
    let text = masked(example.clone()).to_string();
    let path = format!("'{}' does", operation.path);
    serde_json::from_str(&text.replace("'/oauth' does", &path)).unwrap()
}

/// Hides what no two runs have in common.
fn masked(mut body: Value) -> Value {
    for key in ["access_token", "refresh_token", "expires"] {
        if let Some(value) = body.get_mut(key) {
            *value = json!("drawn");
        }
    }
    body
}
