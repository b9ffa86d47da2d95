//! Every status that the document promises is provoked over HTTP, and answers as its example says.

use serde_json::{Value, json};

use super::program::{key_in, mailed_key, signs_in, validate, with_site};
use crate::{
    contract::{
        document::{Document, documents_of},
        request::Request,
        state::State,
        tour::{Promise, tour},
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

const PEOPLE: &str = "UPDATE tm_user SET id = 7, email = 'abc@gmail.com', full_name = 'Ada Lovelace' \
      WHERE username = 'ada'; \
    UPDATE tm_user SET email = NULL WHERE username = 'grace'";

#[tokio::test(flavor = "multi_thread")]
async fn every_documented_status_of_every_operation_is_reached() {
    tour("buddha_jones", async |promise| {
        let house = House::open(promise.name).await;
        promise.broken_by(house.request(promise), masked).await
    })
    .await;
}

impl House {
    /// In the state that the example of this name is about.
    async fn open(name: &str) -> Self {
        let app = TestApp::with(with_site).await;
        app.has(account("ada")).await;
        app.has(account("grace")).await;
        app.sql(PEOPLE).await;
        let token = signs_in(&app, "ada", PASSWORD).await;
        let key = mailed_key(&app, "ada", "abc@gmail.com").await;
        match name {
            "usedKey" => drop(validate(&app.anonymous(), &key).await),
            "deadToken" => app.sql("DELETE FROM latchkey.auth_token").await,
            _ => {}
        }
        Self { app: State::for_example(name).befalls(app, with_site).await, token, key }
    }

    fn request(&self, Promise { operation, name, .. }: Promise) -> Request {
        let request = Request::to(self.app.address(), operation, |token| match name {
            "missingKey" => None,
            "unknownKey" => token.value_for(name),
            _ => Some(self.key.clone()),
        });
        let request = request
            .with("Content-Type", "application/json")
            .with("Authorization", &format!("Bearer {}", self.token))
            .made_for(name);
        request.filled_in(|form| {
            if ["validated", "usedKey"].contains(&name) {
                form["token"] = self.key.as_str().into();
            }
        })
    }
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
    body
}

/// The letter of the examples leads where they say.
#[tokio::test]
async fn the_example_of_a_request_is_served_as_it_stands() {
    let House { app, .. } = House::open("requested").await;
    let operation = documents_of("buddha_jones").flat_map(Document::operations).next().unwrap();
    let request = Request::to(app.address(), operation, |_| None).with("Content-Type", "application/json");
    assert_eq!(request.made_for("requested").send().await.status, 200);
    key_in(&app.deliver().await.only_letter_to("abc@gmail.com").text);
}
