//! Every status that the documents promise is provoked over HTTP, and answers as its example says.
//!
//! An example of a request and an example of an answer with one name belong together: the one is sent, the other
//! must come back. Answers that no sound request provokes have a recipe here, by the name of their example.

use std::{
    collections::{HashMap, hash_map::Entry},
    time::Duration,
};

use futures_util::future::join_all;
use latchkey::service::UnknownAccount;
use serde_json::{Value, json};

use super::{
    document::{Document, Operation, documents_of},
    wire::{Answer, send, send_unframed},
};
use crate::support::TestApp;

/// The people of the examples: ada, grace, and whoever reads test@example.com.
const PEOPLE: &str = include_str!("tour.sql");

/// How long the hurried server waits for a body.
const PATIENCE: Duration = Duration::from_millis(300);

const PASSWORD: &str = "an analytical engine";

#[tokio::test(flavor = "multi_thread")]
async fn every_documented_status_of_every_operation_is_reached() {
    let broken: Vec<String> = join_all(documents_of("traffic_ops").map(toured)).await.concat();
    assert!(broken.is_empty(), "{} promises are not kept:\n{}", broken.len(), broken.join("\n"));
}

/// The promises of a document that are not kept.
async fn toured(document: &'static Document) -> Vec<String> {
    let mut houses = HashMap::new();
    let mut broken = Vec::new();
    for (operation, status, name, example) in promises(document) {
        let house = match houses.entry(State::for_example(name)) {
            Entry::Occupied(house) => house.into_mut(),
            Entry::Vacant(place) => {
                let house = House::open(place.key()).await;
                place.insert(house)
            }
        };
        house.tidy().await;
        let server = document.servers().last().expect("a version");
        let visit = Visit { house, operation, path: format!("{server}{}", operation.path) };
        if let Some(wrong) = visit.judge(status, name, example).await {
            broken.push(format!("{}: {} {status} ({name}): {wrong}", document.name, operation.id));
        }
    }
    broken
}

type Promise = (Operation, u16, &'static str, &'static Value);

fn promises(document: &'static Document) -> Vec<Promise> {
    let of = |operation: Operation| {
        operation.statuses().flat_map(move |status| {
            operation.response_examples(status).map(move |(name, example)| (operation, status, name, example))
        })
    };
    document.operations().flat_map(of).collect()
}

/// What a server must be like to answer as an example says.
#[derive(PartialEq, Eq, Hash)]
enum State {
    /// In order.
    Sound,
    /// Set to tell strangers who has no account.
    Outspoken,
    /// Without the tables that every use case needs: a defect, not an outage.
    Broken,
    /// Without its database.
    Alone,
    /// Not willing to wait.
    Hurried,
}

impl State {
    fn for_example(name: &str) -> Self {
        match name {
            "unknownAccount" => Self::Outspoken,
            "broken" => Self::Broken,
            "away" => Self::Alone,
            "slow" => Self::Hurried,
            _ => Self::Sound,
        }
    }
}

/// A server for many visits.
struct House {
    app: TestApp,
    /// A cookie of ada's from before something was done to the server, if that was so.
    earlier: Option<String>,
}

impl House {
    async fn open(state: &State) -> Self {
        let unknown = match state {
            State::Outspoken => UnknownAccount::Documented,
            State::Sound | State::Broken | State::Alone | State::Hurried => UnknownAccount::Uniform,
        };
        let app = TestApp::with(|config| config.dialects.traffic_ops.unknown_account = unknown).await;
        let mut house = Self { app, earlier: None };
        house.tidy().await;
        match state {
            State::Sound | State::Outspoken => {}
            State::Broken => {
                house.earlier = Some(house.session().await);
                house.app.sql(BREAK).await;
            }
            State::Alone => {
                house.earlier = Some(house.session().await);
                lose_database(&house.app).await;
            }
            State::Hurried => {
                house.earlier = Some(house.session().await);
                let url = house.app.url.clone();
                house.app = TestApp::on(url, |config| config.limits.call_timeout = PATIENCE).await;
            }
        }
        house
    }

    /// Puts the people back, unless their time is over.
    async fn tidy(&self) {
        if self.earlier.is_none() {
            self.app.sql(PEOPLE).await;
        }
    }

    /// ada's cookie.
    async fn session(&self) -> String {
        if let Some(cookie) = &self.earlier {
            return cookie.clone();
        }
        let form = json!({ "u": "ada", "p": PASSWORD }).to_string();
        let answer = send(self.app.address(), "POST", "/api/5.0/user/login", &[], Some(&form)).await;
        format!("mojolicious={}", answer.cookie("mojolicious").expect("ada can sign in"))
    }

    /// A key that was mailed to ada.
    async fn key(&self) -> String {
        let form = json!({ "email": "ada@example.com" }).to_string();
        send(self.app.address(), "POST", "/api/5.0/user/reset_password", &[], Some(&form)).await;
        self.app.deliver().await.only_letter_to("ada@example.com").reset_key()
    }
}

/// One operation at one place.
struct Visit<'a> {
    house: &'a House,
    operation: Operation,
    path: String,
}

impl Visit<'_> {
    /// What is wrong with the answer that is to be as the example of this name.
    async fn judge(&self, status: u16, name: &str, example: &Value) -> Option<String> {
        match self.provoke(name).await {
            None => Some("nobody knows how to provoke it".to_owned()),
            Some(answer) if answer.status != status => {
                Some(format!("came {} {:?}", answer.status, answer.text()))
            }
            Some(answer) => self.other(example, &answer),
        }
    }

    /// Makes the operation answer as the example of this name; `None` if there is no recipe.
    async fn provoke(&self, name: &str) -> Option<Answer> {
        if let Some((_, request)) = self.operation.request_examples().find(|(example, _)| *example == name) {
            return Some(match name {
                "redeem" => self.ask(&json!({ "t": self.house.key().await }).to_string()).await,
                _ => self.ask(&request.to_string()).await,
            });
        }
        Some(match name {
            "pong" | "about" | "current" | "signedOut" => self.ask("").await,
            "incomplete" => self.ask(r#"{"u":"ada"}"#).await,
            "noUser" => self.ask("{}").await,
            "notJson" => self.ask("{").await,
            "tooLarge" => self.ask(&"x".repeat(65_537)).await,
            "unknownAccount" => self.ask(r#"{"email":"stranger@example.com"}"#).await,
            "noSession" => self.send(&[], "").await,
            "malformedCookie" => self.send(&[("Cookie", "mojolicious=abc")], "").await,
            "badSignature" => self.send(&[("Cookie", &tampered(&self.house.session().await))], "").await,
            "expired" => {
                let session = self.house.session().await;
                self.house.app.clock.advance(Duration::from_hours(7));
                self.send(&[("Cookie", &session)], "").await
            }
            "brokenOff" => self.send_unframed(("Transfer-Encoding", "chunked"), "no chunk\r\n").await,
            "slow" => self.send_unframed(("Content-Length", "10"), "nine byte").await,
            "crossSite" => {
                let session = self.house.session().await;
                self.send(&[("Cookie", &session), ("Sec-Fetch-Site", "cross-site")], "{}").await
            }
            "otherMethod" => self.call("DELETE", &[], None).await,
            "broken" | "away" => {
                self.send(&[("Cookie", &self.house.session().await)], &self.sound_body()).await
            }
            _ => return None,
        })
    }

    /// Sends a body, signed in where that is asked for.
    async fn ask(&self, body: &str) -> Answer {
        match self.operation.needs_session() {
            true => self.send(&[("Cookie", &self.house.session().await)], body).await,
            false => self.send(&[], body).await,
        }
    }

    async fn send(&self, headers: &[(&str, &str)], body: &str) -> Answer {
        self.call(self.operation.method, headers, Some(body).filter(|body| !body.is_empty())).await
    }

    async fn call(&self, method: &str, headers: &[(&str, &str)], body: Option<&str>) -> Answer {
        let headers: Vec<_> =
            headers.iter().map(|(name, value)| (name.to_string(), value.to_string())).collect();
        send(self.house.app.address(), method, &self.path, &headers, body).await
    }

    /// Sends what the header does not lead to expect, signed in.
    async fn send_unframed(&self, (name, value): (&str, &str), rest: &str) -> Answer {
        let headers =
            [("Cookie".to_owned(), self.house.session().await), (name.to_owned(), value.to_owned())];
        send_unframed(self.house.app.address(), self.operation.method, &self.path, &headers, rest).await
    }

    /// A body that the operation would take, were all well.
    fn sound_body(&self) -> String {
        self.operation.request_examples().next().map(|(_, body)| body.to_string()).unwrap_or_default()
    }

    /// What is not as the example says.
    fn other(&self, example: &Value, answer: &Answer) -> Option<String> {
        if self.operation.id == "about" && answer.status == 200 {
            return None;
        }
        let (example, came) = (masked(example.clone()), masked(answer.json()));
        let example = example.to_string().replace("/ping'", &format!("{}'", self.operation.path));
        let came = came.to_string();
        (example != came).then(|| format!("the example is {example}, but {came} came"))
    }
}

/// Takes away what every use case needs.
const BREAK: &str = "ALTER TABLE tm_user RENAME TO elsewhere; ALTER TABLE latchkey.session RENAME TO elsewhere; \
    ALTER TABLE latchkey.outbox RENAME TO elsewhere_too; ALTER TABLE latchkey.reset_key RENAME TO gone";

/// Shuts the application's database: what is connected is cut off, nobody gets in again.
async fn lose_database(app: &TestApp) {
    let (server, name) = app.url.rsplit_once('/').expect("a database in the address");
    let (client, connection) = tokio_postgres::connect(&format!("{server}/postgres"), tokio_postgres::NoTls)
        .await
        .expect("PostgreSQL");
    tokio::spawn(connection);
    let shut = format!(
        "ALTER DATABASE {name} ALLOW_CONNECTIONS false; \
         SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'"
    );
    client.batch_execute(&shut).await.expect("it is ours");
}

/// The cookie with another signature.
fn tampered(cookie: &str) -> String {
    let (front, last) = cookie.split_at(cookie.len() - 1);
    format!("{front}{}", if last == "0" { "1" } else { "0" })
}

/// Hides the times: the examples are of another day.
fn masked(mut body: Value) -> Value {
    for key in ["lastUpdated", "lastAuthenticated"] {
        if let Some(time) = body.get_mut("response").and_then(|user| user.get_mut(key)) {
            *time = Value::from("some time");
        }
    }
    body
}
