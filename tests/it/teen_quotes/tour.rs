//! Every status that the document promises is provoked over HTTP, and answers as its example says.

use serde_json::{Value, json};

use super::program::{Program, RESET, UPDATE, mailed_key};
use crate::{
    contract::{
        request::Request,
        state::State,
        tour::{Promise, tour},
    },
    support::{PASSWORD, TestApp, account},
};

/// A server in one state, ada's account and a program on it.
struct House {
    app: TestApp,
    program: Program,
    /// Tokens from when all was well: the program's own, and ada's.
    tokens: [String; 2],
    /// What the document shows of these, and this server drew itself.
    refresh: String,
    key: String,
}

#[tokio::test(flavor = "multi_thread")]
async fn every_documented_status_of_every_operation_is_reached() {
    tour("teen_quotes", async |promise| {
        let house = House::open(promise.name).await;
        promise.broken_by(house.request(promise), masked).await
    })
    .await;
}

impl House {
    /// In the state that the example of this name is about.
    async fn open(name: &str) -> Self {
        let app = TestApp::start().await;
        app.has(account("ada")).await;
        app.sql("UPDATE tm_user SET email = 'ada@example.com'").await;
        let program = Program::known(&app, "website").await;
        let ada = program.signs_in("ada", PASSWORD).await;
        let tokens = [program.token().await, ada.access];
        let key = mailed_key(&app, &program.with_token().await, "ada@example.com").await;
        let app = State::for_example(name).befalls(app, |_| {}).await;
        Self { app, program, tokens, refresh: ada.refresh, key }
    }

    fn request(&self, Promise { operation, name, .. }: Promise) -> Request {
        let [clients, adas] = &self.tokens;
        let token = if operation.path == UPDATE { adas } else { clients };
        let sound = Request::to(self.app.address(), operation, |_| None)
            .with("Content-Type", "application/json")
            .with("Authorization", &format!("Bearer {token}"));
        match name {
            "deadToken" => sound.with("Authorization", &format!("Bearer {}", "x".repeat(40))),
            "clientsToken" => sound.with("Authorization", &format!("Bearer {clients}")),
            _ if operation.path == "/oauth" => sound.without("Authorization").made_for(name),
            _ => sound.made_for(name),
        }
        .filled_in(|form| self.fill_in(form, name, operation.path))
    }

    /// Puts what this server drew where the document shows something else.
    fn fill_in(&self, form: &mut Value, name: &str, path: &str) {
        if form.get("client_secret").is_some() && name != "wrongSecret" {
            form["client_secret"] = self.program.secret().into();
        }
        match name {
            "accountToken" => form["password"] = PASSWORD.into(),
            "refreshed" => form["refresh_token"] = self.refresh.as_str().into(),
            "reset" if path == RESET => form["token"] = self.key.as_str().into(),
            _ => {}
        }
    }
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
