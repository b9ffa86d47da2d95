//! Every status that the document promises is provoked over HTTP, and answers as its example says.

use serde_json::{Value, json};

use super::program::{sign_in, token};
use crate::{
    contract::{
        request::Request,
        state::State,
        tour::{Promise, tour},
    },
    support::{PASSWORD, TestApp, account},
};

/// A server in one state, and the user of the document's examples on it.
struct House {
    app: TestApp,
    /// A token from when all was well.
    token: String,
}

#[tokio::test(flavor = "multi_thread")]
async fn every_documented_status_of_every_operation_is_reached() {
    tour("timeslot", async |promise| {
        let house = House::open(promise.name).await;
        promise.broken_by(house.request(promise).await, masked).await
    })
    .await;
}

impl House {
    /// In the state that the example of this name is about.
    async fn open(name: &str) -> Self {
        let app = TestApp::start().await;
        app.has(account("someone")).await;
        app.sql("UPDATE tm_user SET id = 215, username = 'User 214', email = 'user58@email.com'").await;
        let token = token(&sign_in(&app.anonymous(), "user58@email.com", PASSWORD).await);
        Self { app: State::for_example(name).befalls(app, |_| {}).await, token }
    }

    async fn request(&self, Promise { operation, name, .. }: Promise) -> Request {
        let sound = Request::to(self.app.address(), operation, |_| None)
            .with("Content-Type", "application/json")
            .with("Authorization", &format!("Token token={}", self.token));
        if name == "deadToken" {
            sound.clone().send().await;
        }
        sound.made_for(name)
    }
}

/// Hides what no two runs have in common.
fn masked(mut body: Value) -> Value {
    if let Some(token) = body.get_mut("authToken") {
        *token = json!("drawn");
    }
    body
}
