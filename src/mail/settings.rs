//! How mail leaves the house: `[mail]` of the configuration.

use std::{path::PathBuf, time::Duration};

use serde::Deserialize;

use super::Pace;
use crate::domain::SecretText;

/// `[mail]`. Without any setting letters become files in a folder, for a first look without a mail server.
#[derive(Clone, Deserialize)]
#[cfg_attr(test, derive(PartialEq))]
#[serde(deny_unknown_fields, default)]
pub struct MailSettings {
    /// Where letters go.
    pub transport: TransportKind,
    /// The sender: an address, or `Name <address>`. Without a name the instance's name is shown.
    pub from: String,
    /// Where people are read: replies go there, and letters name it where help is needed; none: they name nobody.
    pub support: Option<String>,
    /// What the letters call this server.
    pub instance: String,
    /// Folder for letters when `transport = "directory"`; none means `mail` in the data folder.
    pub directory: Option<PathBuf>,
    /// A folder with templates that go before latchkey's own of the same names.
    pub templates: Option<PathBuf>,
    /// Letters that are handed over at the same time, each on a connection of its own.
    pub connections: usize,
    /// Letters that all instances together may send in any hour; none means as many as there are.
    pub per_hour: Option<u32>,
    /// Seconds for which an instance takes letters on itself; a crash keeps them waiting for so long.
    pub lease: u64,
    /// `[mail.smtp]`, for `transport = "smtp"`: one relay.
    pub smtp: Option<SmtpSettings>,
    /// `[[mail.relay]]`, instead of `[mail.smtp]`: several relays, the best first. The next one is asked when one is
    /// away or can't take a letter now.
    pub relay: Vec<SmtpSettings>,
}

impl Default for MailSettings {
    fn default() -> Self {
        Self {
            transport: TransportKind::Directory,
            from: "latchkey@localhost".to_owned(),
            support: None,
            instance: "latchkey".to_owned(),
            directory: None,
            templates: None,
            connections: Pace::default().lanes,
            per_hour: None,
            lease: Pace::default().lease.as_secs(),
            smtp: None,
            relay: Vec::new(),
        }
    }
}

impl MailSettings {
    /// How fast the courier works.
    pub fn pace(&self) -> Pace {
        Pace {
            lanes: self.connections.max(1),
            lease: Duration::from_secs(self.lease.max(1)),
            per_hour: self.per_hour,
            to_one_account: None,
        }
    }
}

/// The ways out.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "lowercase")]
pub enum TransportKind {
    /// One `.eml` file a letter.
    Directory,
    /// A mail relay.
    Smtp,
}

/// `[mail.smtp]`, `[[mail.relay]]`: one relay.
#[derive(Clone, Deserialize)]
#[cfg_attr(test, derive(PartialEq))]
#[serde(deny_unknown_fields, default)]
pub struct SmtpSettings {
    /// Host name or address of the relay; its certificate must bear it.
    pub host: String,
    /// Port; none means 25, 587 or 465, as `security` has it.
    pub port: Option<u16>,
    /// How the connection is protected.
    pub security: Security,
    /// User name for AUTH; none means that the relay asks for none.
    pub username: Option<String>,
    /// Password for AUTH.
    pub password: Option<SecretText>,
    /// A file with the password; its last line break is not part of it.
    pub password_file: Option<PathBuf>,
    /// A PEM file with certificates to trust beside the public ones.
    pub root_certificates: Option<PathBuf>,
    /// What the relay is greeted with; none means this machine's host name.
    pub hello_name: Option<String>,
    /// Seconds that each step of the dialogue may take. The answer to a letter gets four times as long: whoever
    /// hangs up too early there sends the letter twice (RFC 5321 §4.5.3.2).
    pub timeout: u64,
}

impl Default for SmtpSettings {
    fn default() -> Self {
        Self {
            host: "localhost".to_owned(),
            port: None,
            security: Security::Starttls,
            username: None,
            password: None,
            password_file: None,
            root_certificates: None,
            hello_name: None,
            timeout: 30,
        }
    }
}

/// How a connection to a relay is protected.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "lowercase")]
pub enum Security {
    /// Not at all. A password is not sent this way, except to this machine.
    None,
    /// Plain at first, then TLS by STARTTLS; a relay that does not offer it gets no letters.
    Starttls,
    /// TLS from the first byte.
    Tls,
}

impl Security {
    /// The port that goes with it.
    pub const fn usual_port(self) -> u16 {
        match self {
            Self::None => 25,
            Self::Starttls => 587,
            Self::Tls => 465,
        }
    }
}

#[cfg(test)]
mod tests {
    use figment::{
        Figment,
        providers::{Format as _, Toml},
    };

    use super::*;

    fn read(toml: &str) -> Result<MailSettings, String> {
        Figment::from(Toml::string(toml)).extract().map_err(|error| error.to_string())
    }

    #[test]
    fn without_settings_letters_become_files() {
        let settings = read("").unwrap();
        assert_eq!(settings.transport, TransportKind::Directory);
        assert_eq!((settings.from.as_str(), settings.instance.as_str()), ("latchkey@localhost", "latchkey"));
        assert!(settings.directory.is_none());
    }

    #[test]
    fn a_relay_is_described_by_its_section() {
        let settings = read(
            "transport = 'smtp'\nfrom = 'Accounts <accounts@example.test>'\n[smtp]\nhost = 'relay.example.test'\n\
             security = 'tls'\nusername = 'latchkey'\npassword = 'secret'\ntimeout = 5",
        )
        .unwrap();
        assert_eq!(settings.transport, TransportKind::Smtp);
        let relay = settings.smtp.unwrap();
        assert_eq!(relay.security.usual_port(), 465);
        assert_eq!(relay.password.as_ref().map(SecretText::reveal), Some("secret"));
        assert_eq!(relay.timeout, 5);
    }

    #[test]
    fn several_relays_are_a_list_the_best_first() {
        let settings =
            read("[[relay]]\nhost = 'one.example.test'\n[[relay]]\nhost = 'two.example.test'").unwrap();
        let hosts: Vec<&str> = settings.relay.iter().map(|relay| relay.host.as_str()).collect();
        assert_eq!(hosts, ["one.example.test", "two.example.test"]);
    }

    #[test]
    fn unknown_keys_are_refused() {
        for wrong in
            ["transprot = 'smtp'", "[smtp]\nhsot = 'x'", "transport = 'pigeon'", "[smtp]\nsecurity = 'ssl'"]
        {
            assert!(read(wrong).is_err(), "{wrong}");
        }
    }
}
