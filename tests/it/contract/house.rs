//! The servers that the tour visits: one in order, and those that something was done to.

use std::{collections::HashMap, time::Duration};

use latchkey::service::UnknownAccount;
use serde_json::json;

use super::wire::send;
use crate::support::TestApp;

/// The people of the examples: ada, grace, mary who administers, joseph who may do nothing, and whoever reads
/// test@example.com.
const PEOPLE: &str = include_str!("tour.sql");

/// How long the hurried server waits for a body.
const PATIENCE: Duration = Duration::from_millis(300);

const PASSWORD: &str = "an analytical engine";

/// What a server must be like to answer as an example says.
#[derive(PartialEq, Eq, Hash)]
pub enum State {
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
    /// With a throttle that has had enough.
    Tired,
}

impl State {
    pub fn for_example(name: &str) -> Self {
        match name {
            "unknownAccount" => Self::Outspoken,
            "broken" => Self::Broken,
            "away" => Self::Alone,
            "slow" => Self::Hurried,
            "tooMany" => Self::Tired,
            _ => Self::Sound,
        }
    }
}

/// A server for many visits.
pub struct House {
    pub app: TestApp,
    /// Cookies from before something was done to the server, if that was so.
    earlier: HashMap<&'static str, String>,
}

impl House {
    pub async fn open(state: &State) -> Self {
        let unknown = match state {
            State::Outspoken => UnknownAccount::Documented,
            State::Sound | State::Broken | State::Alone | State::Hurried | State::Tired => {
                UnknownAccount::Uniform
            }
        };
        let app = TestApp::with(|config| config.dialects.traffic_ops.unknown_account = unknown).await;
        let mut house = Self { app, earlier: HashMap::new() };
        house.tidy().await;
        match state {
            State::Sound | State::Outspoken => {}
            State::Broken => {
                house.sign_everybody_in().await;
                house.app.sql(BREAK).await;
            }
            State::Alone => {
                house.sign_everybody_in().await;
                house.app.lose_database().await;
            }
            State::Hurried => {
                house.sign_everybody_in().await;
                let url = house.app.url.clone();
                house.app = TestApp::on(url, |config| config.limits.call_timeout = PATIENCE).await;
            }
            State::Tired => {
                house.sign_everybody_in().await;
                house.app = TestApp::on(house.app.url.clone(), tired).await;
                tire(&house.app).await;
            }
        }
        house
    }

    /// Puts the people back, unless their time is over.
    pub async fn tidy(&self) {
        if self.earlier.is_empty() {
            self.app.sql(PEOPLE).await;
        }
    }

    async fn sign_everybody_in(&mut self) {
        for who in ["ada", "mary", "joseph"] {
            let cookie = self.session(who).await;
            self.earlier.insert(who, cookie);
        }
    }

    /// Somebody's cookie.
    pub async fn session(&self, who: &str) -> String {
        if let Some(cookie) = self.earlier.get(who) {
            return cookie.clone();
        }
        let form = json!({ "u": who, "p": PASSWORD }).to_string();
        let answer = send(self.app.address(), "POST", "/api/5.0/user/login", &[], Some(&form)).await;
        let cookie = answer.cookie("mojolicious").unwrap_or_else(|| panic!("{who} can't sign in"));
        format!("mojolicious={cookie}")
    }

    /// A key that was mailed to ada.
    pub async fn key(&self) -> String {
        let form = json!({ "email": "ada@example.com" }).to_string();
        send(self.app.address(), "POST", "/api/5.0/user/reset_password", &[], Some(&form)).await;
        self.app.deliver().await.only_letter_to("ada@example.com").reset_key()
    }
}

/// Lets nobody fail twice, and nobody ask for a letter.
pub fn tired(config: &mut latchkey::config::Config) {
    config.throttle.address_burst = 1;
    config.throttle.letters_per_hour = 0;
}

/// The one failure.
pub async fn tire(app: &TestApp) {
    let form = json!({ "u": "nobody", "p": "wrong" }).to_string();
    send(app.address(), "POST", "/api/5.0/user/login", &[], Some(&form)).await;
}

/// Takes away what every use case needs.
const BREAK: &str = "ALTER TABLE tm_user RENAME TO elsewhere; ALTER TABLE latchkey.session RENAME TO elsewhere; \
    ALTER TABLE latchkey.outbox RENAME TO elsewhere_too; ALTER TABLE latchkey.reset_key RENAME TO gone";
