//! A latchkey in which everything is open: sessions, tokens, resets, invitations, changes of address.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use hmac::{Hmac, KeyInit as _, Mac as _};
use serde_json::json;
use sha1::Sha1;

use crate::{
    buddha_jones::program as buddha_jones,
    pages::Visitor,
    support::{Client, PASSWORD, TestApp, account},
    teen_quotes::program::{self as teen_quotes, Pair, Program},
    timeslot::program as timeslot,
};

/// It, and every secret that is good in it.
pub struct LivedIn {
    pub app: TestApp,
    pub website: Program,
    /// The same, with guesses.
    pub guessing: Program,
    /// The program, with a token of its own.
    pub website_client: Client,
    alice: Client,
    reset_key: String,
    mailed_password: String,
    auth_token: String,
    exchange_key: String,
    confirmation: String,
    invitation: String,
    tokens: Pair,
}

impl LivedIn {
    pub async fn new() -> Self {
        let app = TestApp::with(|config| {
            buddha_jones::with_site(config);
            // Counted all the same, but never held back: a guess that was not judged would prove nothing.
            let throttle = &mut config.throttle;
            (throttle.waits, throttle.failures_per_day) = (vec![0], i32::MAX);
            (throttle.address_burst, throttle.client_burst) = (u32::MAX, u32::MAX);
            throttle.letters_per_hour = 1000;
        })
        .await;
        let root = app.administrator().await;
        people(&app, &root).await;
        let alice = app.signed_in(account("alice")).await;
        let guest = app.anonymous();
        guest.post("user/login", json!({ "u": "alice", "p": "a wrong guess" })).await;
        guest.post("user/reset_password", json!({ "email": alice.email() })).await;
        let reset_key = app.deliver().await.only_letter_to(&alice.email()).reset_key();
        let mailed_password = timeslot::mailed_password(&app, "bob@example.test").await;
        let auth_token = buddha_jones::token(&buddha_jones::login(&guest, "carol", PASSWORD).await);
        let exchange_key = buddha_jones::mailed_key(&app, "dave", "dave@example.test").await;
        let confirmation = confirmation(&app).await;
        let invited = json!({ "email": "frank@example.test", "role": "read-only", "tenantId": 1 });
        root.post("users/register", invited).await;
        let invitation = app.deliver().await.only_letter_to("frank@example.test").reset_key();
        let website = Program::known(&app, "website").await;
        let website_client = website.with_token().await;
        let tokens = website.signs_in("erin", PASSWORD).await;
        // One letter stays in the outbox.
        guest.post("user/reset_password", json!({ "email": "grace@example.test" })).await;
        Self {
            app,
            guessing: website.guessing(),
            website,
            website_client,
            alice,
            reset_key,
            mailed_password,
            auth_token,
            exchange_key,
            confirmation,
            invitation,
            tokens,
        }
    }

    /// A cookie with this as the session's secret, signed as the server signs: a dump and the file of keys together.
    pub fn signed(&self, sid: &str) -> String {
        let payload = json!({ "auth_data": "alice", "expires": 4_102_444_800_i64, "by": "trafficcontrol-go-tocookie", "sid": sid });
        let payload = URL_SAFE_NO_PAD.encode(payload.to_string());
        let mut mac = Hmac::<Sha1>::new_from_slice(b"a secret for tests only").unwrap();
        mac.update(payload.as_bytes());
        let signature: String =
            mac.finalize().into_bytes().iter().map(|byte| format!("{byte:02x}")).collect();
        format!("{payload}--{signature}")
    }

    /// Every door was there to be opened: the right secrets do it, after all that was tried.
    pub async fn its_secrets_still_work(&self) {
        let guest = self.app.anonymous();
        assert_eq!(self.alice.get("user/current").await.status, 200, "the session");
        assert!(buddha_jones::lives(&self.app, &self.auth_token).await, "the auth token");
        let refreshed = self.website.refreshes(&self.tokens.refresh).await;
        assert_eq!(teen_quotes::pair(&refreshed).access.len(), 40, "the refresh token");
        let exchanged = buddha_jones::validate(&guest, &self.exchange_key).await;
        assert_eq!(exchanged.status, 200, "the key for a password");
        timeslot::token(&timeslot::sign_in(&guest, "bob@example.test", &self.mailed_password).await);
        let login = guest.post("user/login/token", json!({ "t": self.reset_key })).await;
        assert_eq!(login.status, 200, "the reset key: {}", login.text());
        let confirmed = teen_quotes::post(&guest, "/confirm-email", &[("token", &self.confirmation)]).await;
        assert_eq!(confirmed.status, 303, "the confirmation");
        let page = guest.get(&format!("/register?token={}", self.invitation)).await;
        assert_eq!(page.status, 303, "the invitation leads to its form");
    }
}

/// bob to grace; heidi comes and goes.
async fn people(app: &TestApp, root: &Client) {
    for name in ["bob", "carol", "dave", "erin", "grace"] {
        app.has(account(name)).await;
    }
    app.has(account("heidi")).await;
    let users = root.get("users?username=heidi").await.json();
    let id = users["response"][0]["id"].as_i64().unwrap();
    assert_eq!(root.delete(&format!("users/{id}")).await.status, 200);
    app.sql(
        "INSERT INTO capability (name, description) VALUES ('USER:READ', 'reads'); \
         INSERT INTO api_capability (http_method, route, capability) VALUES ('GET', 'users', 'USER:READ')",
    )
    .await;
}

/// The key that erin gets who wants another address.
async fn confirmation(app: &TestApp) -> String {
    let mut erin = Visitor::signed_in(app, "erin").await;
    let form = erin.get("/account/email").await;
    let typed = [("email", "erin@new.example.test"), ("current_password", PASSWORD)];
    erin.send_form(&form, "/account/email", &typed).await;
    app.deliver().await.only_letter_to("erin@new.example.test").reset_key()
}
