//! `[dialects]`: which contracts are served, where, and what each of them tells strangers.

use std::path::PathBuf;

use anyhow::bail;
use serde::Deserialize;

use crate::{domain::SecretText, mail::is_link, service::UnknownAccount};

/// `[dialects]`
#[derive(Clone, Default, Deserialize)]
#[cfg_attr(test, derive(PartialEq))]
#[serde(deny_unknown_fields, default)]
pub struct DialectSettings {
    /// `[dialects.traffic_ops]`
    pub traffic_ops: TrafficOpsSettings,
    /// `[dialects.timeslot]`
    pub timeslot: TimeslotSettings,
    /// `[dialects.teen_quotes]`
    pub teen_quotes: TeenQuotesSettings,
    /// `[dialects.buddha_jones]`
    pub buddha_jones: BuddhaJonesSettings,
}

/// `[dialects.traffic_ops]`
#[derive(Clone, Deserialize)]
#[cfg_attr(test, derive(PartialEq))]
#[serde(deny_unknown_fields, default)]
pub struct TrafficOpsSettings {
    /// Whether it is served at all.
    pub enabled: bool,
    /// In front of all its paths: nothing, or as in `/legacy`.
    pub mount: String,
    /// What a stranger hears who asks for an address without an account.
    pub unknown_account: UnknownAccount,
}

impl Default for TrafficOpsSettings {
    fn default() -> Self {
        Self { enabled: true, mount: String::new(), unknown_account: UnknownAccount::Uniform }
    }
}

/// `[dialects.timeslot]`
#[derive(Clone, Deserialize)]
#[cfg_attr(test, derive(PartialEq))]
#[serde(deny_unknown_fields, default)]
pub struct TimeslotSettings {
    /// Whether it is served at all.
    pub enabled: bool,
    /// In front of all its paths: nothing, or as in `/legacy`.
    pub mount: String,
    /// What a stranger hears who asks for an address without an account.
    pub unknown_account: UnknownAccount,
    /// Every reset sets this password at once, as the seed document has it. For tests on loopback only: whoever
    /// knows an address can sign in as its holder.
    pub fixed_password: Option<SecretText>,
    /// A file with it, instead of `fixed_password`.
    pub fixed_password_file: Option<PathBuf>,
}

impl Default for TimeslotSettings {
    fn default() -> Self {
        let unknown_account = UnknownAccount::Documented;
        Self {
            enabled: true,
            mount: String::new(),
            unknown_account,
            fixed_password: None,
            fixed_password_file: None,
        }
    }
}

/// `[dialects.teen_quotes]`
#[derive(Clone, Deserialize)]
#[cfg_attr(test, derive(PartialEq))]
#[serde(deny_unknown_fields, default)]
pub struct TeenQuotesSettings {
    /// Whether it is served at all.
    pub enabled: bool,
    /// In front of all its paths: nothing, or as in `/legacy`.
    pub mount: String,
    /// What a client hears that asks for an address without an account.
    pub unknown_account: UnknownAccount,
    /// Whether latchkey's own rules for passwords hold here too, instead of the documented six characters.
    pub strict_passwords: bool,
    /// Seconds a reset key lives, from the request; at most the documented day.
    pub key_lifetime: u32,
    /// Seconds an access token lives.
    pub token_lifetime: u32,
    /// What the link of a reset letter begins with, up to the key, as in
    /// `https://teen-quotes.com/password/reset?token=`. None means that of `[recovery]`.
    pub link: Option<String>,
}

impl Default for TeenQuotesSettings {
    fn default() -> Self {
        Self {
            enabled: true,
            mount: String::new(),
            unknown_account: UnknownAccount::Documented,
            strict_passwords: false,
            key_lifetime: 86_400,
            token_lifetime: 604_800,
            link: None,
        }
    }
}

impl TeenQuotesSettings {
    fn check(&self) -> anyhow::Result<()> {
        if !(1..=86_400).contains(&self.key_lifetime) {
            bail!("dialects.teen_quotes.key_lifetime must be 1 to 86400 seconds");
        }
        if self.token_lifetime == 0 {
            bail!("dialects.teen_quotes.token_lifetime must be at least a second");
        }
        if self.link.as_deref().is_some_and(|link| !is_link(link)) {
            bail!("dialects.teen_quotes.link must be an http or https address, up to where the key stands");
        }
        Ok(())
    }
}

/// `[dialects.buddha_jones]`
#[derive(Clone, Deserialize)]
#[cfg_attr(test, derive(PartialEq))]
#[serde(deny_unknown_fields, default)]
pub struct BuddhaJonesSettings {
    /// Whether it is served at all.
    pub enabled: bool,
    /// In front of all its paths: nothing, or as in `/legacy`.
    pub mount: String,
    /// What a stranger hears who asks for a name without an account.
    pub unknown_account: UnknownAccount,
    /// Where the links of letters may lead beside the server's own address: origins such as
    /// `https://portal.example.com`, with a path where only a part of the site is meant.
    pub allowed_urls: Vec<String>,
}

impl Default for BuddhaJonesSettings {
    fn default() -> Self {
        let unknown_account = UnknownAccount::Documented;
        Self { enabled: true, mount: String::new(), unknown_account, allowed_urls: Vec::new() }
    }
}

/// What the sections of all contracts have in common.
#[derive(Clone, Copy)]
pub struct Served<'a> {
    /// The contract's name.
    pub name: &'static str,
    /// Whether it is served at all.
    pub enabled: bool,
    /// In front of all its paths.
    pub mount: &'a str,
    /// What a stranger hears.
    pub unknown_account: UnknownAccount,
}

impl DialectSettings {
    /// Every contract.
    pub fn each(&self) -> [Served<'_>; 4] {
        let Self { traffic_ops, timeslot, teen_quotes, buddha_jones } = self;
        let served = |name, enabled, mount, unknown_account| Served { name, enabled, mount, unknown_account };
        [
            served("traffic_ops", traffic_ops.enabled, &*traffic_ops.mount, traffic_ops.unknown_account),
            served("timeslot", timeslot.enabled, &*timeslot.mount, timeslot.unknown_account),
            served("teen_quotes", teen_quotes.enabled, &*teen_quotes.mount, teen_quotes.unknown_account),
            served("buddha_jones", buddha_jones.enabled, &*buddha_jones.mount, buddha_jones.unknown_account),
        ]
    }

    /// Checks what the types can't say.
    ///
    /// # Errors
    /// A `mount` that is no prefix of paths, a lifetime or a link that is none.
    pub(super) fn check(&self) -> anyhow::Result<()> {
        for Served { name, mount, .. } in self.each() {
            let simple = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~/".contains(&byte);
            let sound = mount.starts_with('/') && !mount.ends_with('/') && !mount.contains("//");
            if !(mount.is_empty() || sound && mount.bytes().all(simple)) {
                bail!("dialects.{name}.mount is {mount:?}; it must be empty or as in \"/legacy\"");
            }
        }
        self.teen_quotes.check()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_prefix_of_paths_is_a_mount() {
        let with = |mount: &str| {
            let mut settings = DialectSettings::default();
            settings.timeslot.mount = mount.to_owned();
            settings.check().is_ok()
        };
        assert!(["", "/legacy", "/a/b-c.d_~1"].into_iter().all(with));
        assert!(!["legacy", "/", "/a/", "//a", "/{x}", "/a b", "/a?b", "/%61"].into_iter().any(with));
    }

    #[test]
    fn a_teen_quotes_key_lives_a_day_at_most_and_its_link_is_one() {
        let with = |change: fn(&mut TeenQuotesSettings)| {
            let mut settings = DialectSettings::default();
            change(&mut settings.teen_quotes);
            settings.check().is_ok()
        };
        assert!(with(|teen| teen.link = Some("https://quotes.example.com/reset?token=".to_owned())));
        assert!(!with(|teen| teen.link = Some("javascript:".to_owned())));
        assert!(!with(|teen| teen.link = Some("https://quotes.example.com/ reset".to_owned())));
        assert!(!with(|teen| teen.key_lifetime = 86_401) && !with(|teen| teen.key_lifetime = 0));
        assert!(!with(|teen| teen.token_lifetime = 0));
    }

    #[test]
    fn traffic_ops_tells_strangers_nothing_and_the_others_what_they_document() {
        let unknown = DialectSettings::default().each().map(|served| served.unknown_account);
        let documented = UnknownAccount::Documented;
        assert_eq!(unknown, [UnknownAccount::Uniform, documented, documented, documented]);
    }
}
