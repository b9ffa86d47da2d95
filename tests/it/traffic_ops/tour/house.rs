//! The servers that the tour visits: one in order, and those that something was done to.

use std::collections::HashMap;

use serde_json::json;

use crate::{
    contract::{state::State, wire::send},
    support::TestApp,
};

/// The people of the examples: ada, grace, mary who administers, joseph who may do nothing, and whoever reads
/// test@example.com.
const PEOPLE: &str = include_str!("people.sql");

const PASSWORD: &str = "an analytical engine";

/// A server for many visits.
pub struct House {
    pub app: TestApp,
    /// Cookies from before something was done to the server, if that was so.
    earlier: HashMap<&'static str, String>,
}

impl House {
    pub async fn open(state: State) -> Self {
        let mut house = Self { app: TestApp::start().await, earlier: HashMap::new() };
        house.tidy().await;
        if state != State::Sound {
            for who in ["ada", "mary", "joseph"] {
                let cookie = house.session(who).await;
                house.earlier.insert(who, cookie);
            }
        }
        house.app = state.befalls(house.app, |_| {}).await;
        house
    }

    /// Puts the people back, unless their time is over.
    pub async fn tidy(&self) {
        if self.earlier.is_empty() {
            self.app.sql(PEOPLE).await;
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
}
