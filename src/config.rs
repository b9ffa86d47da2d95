//! Typed settings: `latchkey.toml`, then `LATCHKEY_*` variables, then flags. Unknown keys are refused.

mod browsers;
mod dialects;
mod files;
mod keys;
mod log;
mod notices;
mod observe;
mod pages;
mod recovery;
mod refusal;
mod tls;

use std::path::{Path, PathBuf};

use anyhow::bail;
use figment::{
    Figment,
    providers::{Env, Format as _, Toml},
};
use serde::Deserialize;
use time::Duration;

pub use crate::store::DatabaseSettings;
use crate::{
    domain::SecretText,
    mail::MailSettings,
    ports::HasherSettings,
    server::{ForwardedHeader, Limits, Proxy, SocketMode},
    service::{Lifetimes, ThrottleSettings},
    store::housekeeping::Retention,
};
pub use browsers::BrowserSettings;
pub use dialects::{
    BuddhaJonesSettings, DialectSettings, Served, TeenQuotesSettings, TimeslotSettings, TrafficOpsSettings,
};
pub use log::{LogFormat, LogSettings};
pub use notices::NoticeSettings;
pub use observe::ObserveSettings;
pub use pages::PageSettings;
pub use recovery::RecoverySettings;
pub use tls::TlsSettings;

pub use crate::server::{Address, Listen};

/// Every setting, with its default.
#[derive(Clone, Deserialize)]
#[cfg_attr(test, derive(PartialEq))]
#[serde(deny_unknown_fields, default)]
pub struct Config {
    /// Where to listen: an address and port, a Unix socket, or several of them.
    pub listen: Listen,
    /// Who may connect to Unix sockets, as in `chmod`.
    pub socket_mode: SocketMode,
    /// Networks and sockets whose word about the client's address is taken.
    pub trusted_proxies: Vec<Proxy>,
    /// The header they put it in.
    pub forwarded_header: ForwardedHeader,
    /// Folder for what the server keeps: the private PostgreSQL, the session secret, letters in files.
    pub data: PathBuf,
    /// How people reach the server; links in letters and the cookies' `Secure` follow it. None means the
    /// listener's own address.
    pub public_url: Option<String>,
    /// `[tls]`
    pub tls: TlsSettings,
    /// `[log]`
    pub log: LogSettings,
    /// `[observe]`
    pub observe: ObserveSettings,
    /// `[database]`
    pub database: DatabaseSettings,
    /// `[limits]`
    pub limits: Limits,
    /// `[mail]`
    pub mail: MailSettings,
    /// `[housekeeping]`
    pub housekeeping: Retention,
    /// `[throttle]`
    pub throttle: ThrottleSettings,
    /// `[notices]`
    pub notices: NoticeSettings,
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
            listen: Listen::default(),
            socket_mode: SocketMode::default(),
            trusted_proxies: Vec::new(),
            forwarded_header: ForwardedHeader::default(),
            data: PathBuf::from("var"),
            public_url: None,
            tls: TlsSettings::default(),
            log: LogSettings::default(),
            observe: ObserveSettings::default(),
            database: DatabaseSettings::default(),
            limits: Limits::default(),
            mail: MailSettings::default(),
            housekeeping: Retention::default(),
            throttle: ThrottleSettings::default(),
            notices: NoticeSettings::default(),
            session: SessionSettings::default(),
            password: PasswordSettings::default(),
            recovery: RecoverySettings::default(),
            browsers: BrowserSettings::default(),
            pages: PageSettings::default(),
            dialects: DialectSettings::default(),
        }
    }
}

/// `[session]`
#[derive(Clone, Deserialize)]
#[cfg_attr(test, derive(PartialEq))]
#[serde(deny_unknown_fields, default)]
pub struct SessionSettings {
    /// Keys that sign cookies: the first signs, all verify. None means one made at the first start and kept in
    /// the data folder; instances that share a database must share it.
    pub secrets: Vec<SecretText>,
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
#[cfg_attr(test, derive(PartialEq))]
#[serde(deny_unknown_fields, default)]
pub struct PasswordSettings {
    /// Cost of new hashes: two to this power rounds of bcrypt, 4 to 20; below 10 is for tests.
    pub cost: u32,
    /// Threads that hash; none means one a core.
    pub threads: Option<usize>,
    /// Passwords that may wait to be hashed before sign-ins are answered with 503.
    pub queue: usize,
    /// Seconds for which a password that was right is remembered (as a keyed digest, in memory), so that programs
    /// that sign in again and again cost one hash; 0 to 3,600, and 0 remembers none.
    pub remember_verified: u32,
    /// A file with passwords that nobody may take, one a line; none means the shipped list and the instance's name.
    pub refused_file: Option<PathBuf>,
}

/// The longest that a right password may be remembered, in seconds.
const LONGEST_MEMORY: u32 = 3_600;

impl Default for PasswordSettings {
    fn default() -> Self {
        let HasherSettings { cost, threads, queue, .. } = HasherSettings::default();
        Self { cost, threads, queue, remember_verified: 60, refused_file: None }
    }
}

impl PasswordSettings {
    fn check(&self) -> anyhow::Result<()> {
        let (least, most) = (HasherSettings::COSTS.start(), HasherSettings::COSTS.end());
        if !HasherSettings::COSTS.contains(&self.cost) {
            bail!("password.cost must be {least} to {most}: each step doubles the work of a sign-in");
        }
        Ok(())
    }
}

/// The file that is read if it is there and no other is named.
const FILE: &str = "latchkey.toml";
/// What variables begin with that are settings.
const PREFIX: &str = "LATCHKEY_";

/// A configuration file with every setting, its default and what it is for.
pub const EXAMPLE: &str = include_str!("config/latchkey.toml");

/// Variables that are no settings but orders for one start.
const NO_SETTINGS: &[&str] = &["config", "admin_password", "admin_email"];

impl Config {
    /// Reads the file, if there is one, and the environment. A file that is named must be there.
    ///
    /// # Errors
    /// A file that can't be read, a key that is not known, a value of the wrong kind or shape.
    pub fn load(file: Option<&Path>) -> anyhow::Result<Self> {
        let named = file.unwrap_or(Path::new(FILE));
        let text = refusal::text_of(named, file.is_some())?;
        let figment = Figment::from(Toml::string(text.as_deref().unwrap_or_default()));
        let variables = Env::prefixed(PREFIX).ignore(NO_SETTINGS).split("__");
        let refused = |error| refusal::explained(error, named, text.as_deref());
        let mut config: Self = figment.merge(variables).extract().map_err(refused)?;
        config.read_files()?;
        config.password.check()?;
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
            verified_password: seconds(self.password.remember_verified.min(LONGEST_MEMORY)),
        }
    }

    /// How passwords are hashed.
    pub fn hasher(&self) -> HasherSettings {
        let PasswordSettings { cost, threads, queue, .. } = self.password;
        HasherSettings { cost, threads, queue, remember: self.lifetimes().verified_password }
    }
}

#[cfg(test)]
mod example_tests;

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
            assert_eq!((config.listen, config.session.at_most), ("127.0.0.1:2".parse().unwrap(), 60));
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
    fn a_cost_that_no_sign_in_would_live_to_see_stops_the_start() {
        figment::Jail::expect_with(|jail| {
            for cost in ["3", "21", "99"] {
                jail.set_env("LATCHKEY_PASSWORD__COST", cost);
                let error = Config::load(None).err().expect("it is refused").to_string();
                assert!(error.starts_with("password.cost must be 4 to 20"), "{error}");
            }
            Ok(())
        });
    }

    #[test]
    fn a_file_that_is_named_must_be_there() {
        assert!(Config::load(Some(Path::new("no/such/latchkey.toml"))).is_err());
    }
}
