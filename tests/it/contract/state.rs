//! What a server must be like to answer as an example says: in order, or after something was done to it.

use std::time::Duration;

use latchkey::{config::Config, service::UnknownAccount};
use serde_json::json;

use super::wire::send;
use crate::support::TestApp;

/// How long the hurried server waits for a body.
const PATIENCE: Duration = Duration::from_millis(300);

/// Takes away what every use case needs.
const BREAK: &str = "ALTER TABLE tm_user RENAME TO elsewhere; ALTER SCHEMA latchkey RENAME TO elsewhere";

#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub enum State {
    /// In order.
    Sound,
    /// Set to tell strangers who has no account, as the three dialects are from the start.
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

    /// Brings a server into this state; where that takes other settings, it starts again, with `settings` too.
    pub async fn befalls(self, app: TestApp, settings: fn(&mut Config)) -> TestApp {
        let set: fn(&mut Config) = match self {
            Self::Sound => return app,
            Self::Broken => {
                app.sql(BREAK).await;
                return app;
            }
            Self::Alone => {
                app.lose_database().await;
                return app;
            }
            Self::Outspoken => outspoken,
            Self::Hurried => |config| config.limits.call_timeout = PATIENCE,
            Self::Tired => tired,
        };
        let again = |config: &mut Config| {
            settings(config);
            set(config);
        };
        let app = TestApp::on(app.url.clone(), again).await;
        if self == Self::Tired {
            // The one failure that is let pass.
            let form = json!({ "u": "nobody", "p": "wrong" }).to_string();
            send(app.address(), "POST", "/api/5.0/user/login", &[], Some(&form)).await;
        }
        app
    }
}

fn outspoken(config: &mut Config) {
    config.dialects.traffic_ops.unknown_account = UnknownAccount::Documented;
}

/// Lets nobody fail twice, and nobody ask for a letter.
fn tired(config: &mut Config) {
    config.throttle.address_burst = 1;
    config.throttle.letters_per_hour = 0;
}
