//! Every status that the documents promise is provoked over HTTP, and answers as its example says.

mod house;

use std::{
    collections::{HashMap, hash_map::Entry},
    time::Duration,
};

use futures_util::future::join_all;
use serde_json::{Value, json};

use self::house::House;
use crate::contract::{
    document::{Document, documents_of},
    request::Request,
    state::State,
    tour::{Promise, all_kept, promises},
};

#[tokio::test(flavor = "multi_thread")]
async fn every_documented_status_of_every_operation_is_reached() {
    all_kept(join_all(documents_of("traffic_ops").map(broken)).await.concat());
}

/// The promises of a document that are not kept. There are too many for a house each.
async fn broken(document: &'static Document) -> Vec<String> {
    let (mut houses, mut broken) = (HashMap::new(), Vec::new());
    for promise in promises(document) {
        let house = match houses.entry(State::for_example(promise.name)) {
            Entry::Occupied(house) => house.into_mut(),
            Entry::Vacant(place) => {
                let house = House::open(*place.key()).await;
                place.insert(house)
            }
        };
        house.tidy().await;
        // What is said about the server itself differs from server to server.
        let is_about = promise.operation.id == "about" && promise.status == 200;
        let masked = if is_about { |_| Value::Null } else { masked };
        broken.extend(promise.broken_by(house.request(promise).await, masked).await);
    }
    broken
}

impl House {
    async fn request(&self, Promise { operation, name, .. }: Promise) -> Request {
        let mut sound = Request::to(self.app.address(), operation, |parameter| parameter.value_for(name));
        let visitor = match name {
            "notAllowed" => "joseph",
            _ if operation.is_personal() => "ada",
            _ => "mary",
        };
        if operation.needs_session() {
            sound = sound.with("Cookie", &self.session(visitor).await);
        }
        match name {
            "redeem" => sound.saying(json!({ "t": self.app.mailed_key("ada@example.com").await })),
            "incomplete" => sound.saying(json!({ "u": "ada" })),
            "noUser" => sound.saying("{}"),
            "unknownAccount" => sound.saying(json!({ "email": "stranger@example.com" })),
            "noSession" => sound.without("Cookie"),
            "malformedCookie" => sound.with("Cookie", "mojolicious=abc"),
            "badSignature" => sound.with("Cookie", &tampered(&self.session(visitor).await)),
            "expired" => {
                self.app.clock.advance(Duration::from_hours(7));
                sound
            }
            _ => sound.made_for(name),
        }
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
