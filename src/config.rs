//! Typed settings: `latchkey.toml`, then `LATCHKEY_*` variables, then flags. Unknown keys are refused.

mod dialects;
mod pages;

use std::path::{Path, PathBuf};

use anyhow::Context as _;
use figment::{
    Figment,
    providers::{Env, Format as _, Toml},
};
use serde::Deserialize;
use time::Duration;
use zeroize::Zeroizing;

use crate::{
    mail::MailSettings,
    ports::HasherSettings,
    server::Limits,
    service::Lifetimes,
    store::{DatabaseSettings, housekeeping::Retention},
};
pub use dialects::{
    BuddhaJonesSettings, DialectSettings, Served, TeenQuotesSettings, TimeslotSettings, TrafficOpsSettings,
};
pub use pages::PageSettings;

/// Every setting, with its default.
#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Config {
    /// Address and port to listen on.
    pub listen: String,
    /// Folder for what the server keeps: the private PostgreSQL, the session secret, letters in files.
    pub data: PathBuf,
    /// How people reach the server; links in letters and the cookies' `Secure` follow it. None means the
    /// listener's own address.
    pub public_url: Option<String>,
    /// `[log]`
    pub log: LogSettings,
    /// `[database]`
    pub database: DatabaseSettings,
    /// `[limits]`
    pub limits: Limits,
    /// `[mail]`
    pub mail: MailSettings,
    /// `[housekeeping]`
    pub housekeeping: Retention,
    /// `[session]`
    pub session: SessionSettings,
    /// `[password]`
    pub password: PasswordSettings,
    /// `[recovery]`
    pub recovery: RecoverySettings,
    /// `[browsers]`
    pub browsers: BrowserSettings,
    /// `[pages]`
    pub pages: PageSettings,
    /// `[dialects]`
    pub dialects: DialectSettings,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            listen: "127.0.0.1:8080".to_owned(),
            data: PathBuf::from("var"),
            public_url: None,
            log: LogSettings::default(),
            database: DatabaseSettings::default(),
            limits: Limits::default(),
            mail: MailSettings::default(),
            housekeeping: Retention::default(),
            session: SessionSettings::default(),
            password: PasswordSettings::default(),
            recovery: RecoverySettings::default(),
            browsers: BrowserSettings::default(),
            pages: PageSettings::default(),
            dialects: DialectSettings::default(),
        }
    }
}

/// `[log]`: lines on standard error.
#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct LogSettings {
    /// `text` for people, `json` for collectors.
    pub format: LogFormat,
    /// Levels by module, as in `info,latchkey::access=warn`.
    pub level: String,
}

impl Default for LogSettings {
    fn default() -> Self {
        Self { format: LogFormat::Text, level: "info".to_owned() }
    }
}

/// How log lines look.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "lowercase")]
pub enum LogFormat {
    /// For people.
    Text,
    /// For collectors: one JSON object a line.
    Json,
}

/// A secret text of the configuration: never shown.
#[derive(Clone, Deserialize)]
#[serde(from = "String")]
pub struct Secret(pub Zeroizing<String>);

impl From<String> for Secret {
    fn from(text: String) -> Self {
        Self(Zeroizing::new(text))
    }
}

/// `[session]`
#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct SessionSettings {
    /// Keys that sign cookies: the first signs, all verify. None means one made at the first start and kept in
    /// the data folder; instances that share a database must share it.
    pub secrets: Vec<Secret>,
    /// A file with one key a line, instead of `secrets`.
    pub secrets_file: Option<PathBuf>,
    /// Seconds a session lives from the sign-in.
    pub at_sign_in: u32,
    /// Seconds a session lives from each authenticated reply.
    pub at_renewal: u32,
    /// Seconds a session lives at most.
    pub at_most: u32,
}

impl Default for SessionSettings {
    fn default() -> Self {
        Self {
            secrets: Vec::new(),
            secrets_file: None,
            at_sign_in: 21_600,
            at_renewal: 3_600,
            at_most: 86_400,
        }
    }
}

/// `[password]`
#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct PasswordSettings {
    /// Cost of new hashes: two to this power rounds of bcrypt, 4 to 20; below 10 is for tests.
    pub cost: u32,
    /// Threads that hash; none means one a core.
    pub threads: Option<usize>,
    /// Passwords that may wait to be hashed before sign-ins are answered with 503.
    pub queue: usize,
}

impl Default for PasswordSettings {
    fn default() -> Self {
        let HasherSettings { cost, threads, queue } = HasherSettings::default();
        Self { cost, threads, queue }
    }
}

/// `[recovery]`
#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct RecoverySettings {
    /// Seconds a reset key lives, from the request.
    pub key_lifetime: u32,
    /// Seconds a password that was drawn and mailed may wait for its first use, from the request.
    pub password_lifetime: u32,
    /// Link in a reset letter, with `{key}` where the key stands. None means latchkey's own page.
    pub link: Option<String>,
    /// Seconds the key of an invitation lives.
    pub registration_lifetime: u32,
    /// Link in an invitation, with `{key}` where the key stands. None means latchkey's own page.
    pub registration_link: Option<String>,
}

impl Default for RecoverySettings {
    fn default() -> Self {
        Self {
            key_lifetime: 3_600,
            password_lifetime: 86_400,
            link: None,
            registration_lifetime: 7 * 24 * 3_600,
            registration_link: None,
        }
    }
}

/// `[browsers]`
#[derive(Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct BrowserSettings {
    /// Other origins, such as `https://portal.example.com`, whose pages may use sessions.
    pub allowed_origins: Vec<String>,
}

/// Variables that are no settings but orders for one start.
const NO_SETTINGS: &[&str] = &["config", "admin_password", "admin_email"];

impl Config {
    /// Reads the file, if there is one, and the environment. A file that is named must be there.
    ///
    /// # Errors
    /// A file that can't be read, a key that is not known, a value of the wrong kind or shape.
    pub fn load(file: Option<&Path>) -> anyhow::Result<Self> {
        let figment = match file {
            Some(file) => Figment::from(Toml::file_exact(file)),
            None => Figment::from(Toml::file("latchkey.toml")),
        };
        let variables = Env::prefixed("LATCHKEY_").ignore(NO_SETTINGS).split("__");
        let config: Self = figment.merge(variables).extract().context("the configuration can't be used")?;
        config.dialects.check()?;
        Ok(config)
    }

    /// How long things live.
    pub fn lifetimes(&self) -> Lifetimes {
        let seconds = |count: u32| Duration::seconds(i64::from(count));
        Lifetimes {
            session_at_sign_in: seconds(self.session.at_sign_in),
            session_at_renewal: seconds(self.session.at_renewal),
            session_at_most: seconds(self.session.at_most),
            reset_key: seconds(self.recovery.key_lifetime),
            mailed_password: seconds(self.recovery.password_lifetime),
            registration: seconds(self.recovery.registration_lifetime),
        }
    }

    /// How passwords are hashed.
    pub fn hasher(&self) -> HasherSettings {
        let PasswordSettings { cost, threads, queue } = self.password;
        HasherSettings { cost, threads, queue }
    }
}

#[cfg(test)]
#[expect(clippy::result_large_err, reason = "figment's jail hands its own error on")]
mod tests {
    use super::*;

    #[test]
    fn the_file_comes_first_and_the_environment_has_the_last_word() {
        figment::Jail::expect_with(|jail| {
            jail.create_file("latchkey.toml", "listen = '127.0.0.1:1'\n[session]\nat_most = 60")?;
            jail.set_env("LATCHKEY_LISTEN", "127.0.0.1:2");
            jail.set_env("LATCHKEY_DATABASE__URL", "host=/run/postgresql");
            jail.set_env("LATCHKEY_ADMIN_PASSWORD", "no setting");
            let config = Config::load(None).map_err(|error| error.to_string())?;
            assert_eq!((config.listen.as_str(), config.session.at_most), ("127.0.0.1:2", 60));
            assert_eq!(config.database.url.as_deref(), Some("host=/run/postgresql"));
            Ok(())
        });
    }

    #[test]
    fn unknown_keys_are_refused() {
        figment::Jail::expect_with(|jail| {
            jail.create_file("latchkey.toml", "[session]\nat_moost = 60")?;
            assert!(Config::load(None).is_err());
            jail.create_file("latchkey.toml", "")?;
            jail.set_env("LATCHKEY_LISTENN", "127.0.0.1:2");
            assert!(Config::load(None).is_err());
            Ok(())
        });
    }

    #[test]
    fn a_file_that_is_named_must_be_there() {
        assert!(Config::load(Some(Path::new("no/such/latchkey.toml"))).is_err());
    }
}
