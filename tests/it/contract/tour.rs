//! Every status that the documents promise is provoked over HTTP, and answers as its example says.
//!
//! An example of a request and an example of an answer with one name belong together: the one is sent, the other
//! must come back. Answers that no sound request provokes have a recipe here, by the name of their example.

use std::{
    collections::{HashMap, hash_map::Entry},
    time::Duration,
};

use futures_util::future::join_all;
use serde_json::{Value, json};

use super::{
    document::{Document, Operation, documents_of},
    house::{House, State},
    wire::{Answer, send, send_unframed},
};

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
        let visit = Visit::prepare(house, operation, name);
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
            let bodiless = operation.response(status).is_some_and(|carrier| carrier.get("content").is_none());
            let bodiless = bodiless.then_some(("notModified", &Value::Null));
            let examples = operation.response_examples(status).chain(bodiless);
            examples.map(move |(name, example)| (operation, status, name, example))
        })
    };
    document.operations().flat_map(of).collect()
}

/// One operation, with the parameters of one example.
struct Visit<'a> {
    house: &'a House,
    operation: Operation,
    /// Below the version, without the query.
    place: String,
    /// All of it.
    target: String,
    headers: Vec<(String, String)>,
    /// Who is signed in where that is asked for.
    visitor: &'static str,
}

impl<'a> Visit<'a> {
    fn prepare(house: &'a House, operation: Operation, name: &str) -> Self {
        let (mut place, mut query, mut headers) = (operation.path.to_owned(), Vec::new(), Vec::new());
        for parameter in operation.parameters() {
            let Some(value) = parameter.value_for(name) else { continue };
            match parameter.place() {
                "path" => place = place.replace(&format!("{{{}}}", parameter.name()), &value),
                "query" => query.push(format!("{}={value}", parameter.name())),
                _ => headers.push((parameter.name().to_owned(), value)),
            }
        }
        let server = operation.document.servers().last().expect("a version");
        let mark = if query.is_empty() { "" } else { "?" };
        let target = format!("{server}{place}{mark}{}", query.join("&"));
        let visitor = match name {
            "notAllowed" => "joseph",
            _ if operation.is_personal() => "ada",
            _ => "mary",
        };
        Self { house, operation, place, target, headers, visitor }
    }
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
        if self.operation.parameters().any(|parameter| parameter.examples().any(|(known, _)| known == name)) {
            return Some(self.ask(&self.sound_body()).await);
        }
        Some(match name {
            "pong" | "about" | "current" | "signedOut" | "deprecated" => self.ask("").await,
            "notAllowed" => self.ask(&self.sound_body()).await,
            "incomplete" => self.ask(r#"{"u":"ada"}"#).await,
            "noUser" => self.ask("{}").await,
            "notJson" => self.ask("{").await,
            "tooLarge" => self.ask(&"x".repeat(65_537)).await,
            "unknownAccount" => self.ask(r#"{"email":"stranger@example.com"}"#).await,
            "noSession" => self.send(&[], "").await,
            "malformedCookie" => self.send(&[("Cookie", "mojolicious=abc")], "").await,
            "badSignature" => self.send(&[("Cookie", &tampered(&self.session().await))], "").await,
            "expired" => {
                let session = self.session().await;
                self.house.app.clock.advance(Duration::from_hours(7));
                self.send(&[("Cookie", &session)], "").await
            }
            "brokenOff" => self.send_unframed(("Transfer-Encoding", "chunked"), "no chunk\r\n").await,
            "slow" => self.send_unframed(("Content-Length", "10"), "nine byte").await,
            "crossSite" => {
                let session = self.session().await;
                self.send(&[("Cookie", &session), ("Sec-Fetch-Site", "cross-site")], "{}").await
            }
            "otherMethod" => self.call("PATCH", &[], None).await,
            "broken" | "away" | "tooMany" => {
                self.send(&[("Cookie", &self.session().await)], &self.sound_body()).await
            }
            _ => return None,
        })
    }

    /// Sends a body, signed in where that is asked for.
    async fn ask(&self, body: &str) -> Answer {
        match self.operation.needs_session() {
            true => self.send(&[("Cookie", &self.session().await)], body).await,
            false => self.send(&[], body).await,
        }
    }

    async fn send(&self, headers: &[(&str, &str)], body: &str) -> Answer {
        self.call(self.operation.method, headers, Some(body).filter(|body| !body.is_empty())).await
    }

    async fn call(&self, method: &str, headers: &[(&str, &str)], body: Option<&str>) -> Answer {
        let mut all = self.headers.clone();
        all.extend(headers.iter().map(|(name, value)| (name.to_string(), value.to_string())));
        send(self.house.app.address(), method, &self.target, &all, body).await
    }

    /// The visitor's cookie.
    async fn session(&self) -> String {
        self.house.session(self.visitor).await
    }

    /// Sends what the header does not lead to expect, signed in.
    async fn send_unframed(&self, (name, value): (&str, &str), rest: &str) -> Answer {
        let headers = [("Cookie".to_owned(), self.session().await), (name.to_owned(), value.to_owned())];
        send_unframed(self.house.app.address(), self.operation.method, &self.target, &headers, rest).await
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
        let example = example.to_string().replace("/ping'", &format!("{}'", self.place));
        let came = came.to_string();
        (example != came).then(|| format!("the example is {example}, but {came} came"))
    }
}

/// The cookie with another signature.
fn tampered(cookie: &str) -> String {
    let (front, last) = cookie.split_at(cookie.len() - 1);
    format!("{front}{}", if last == "0" { "1" } else { "0" })
}

/// Hides the times: the examples are of another day.
fn masked(body: Value) -> Value {
    match body {
        Value::Array(items) => items.into_iter().map(masked).collect(),
        Value::Object(members) => Value::Object(members.into_iter().map(hidden).collect()),
        other => other,
    }
}

fn hidden((key, value): (String, Value)) -> (String, Value) {
    let is_time = ["lastUpdated", "lastAuthenticated"].contains(&key.as_str());
    let value = if is_time { Value::from("some time") } else { masked(value) };
    (key, value)
}
