//! Which contracts are served where, and what the operator should know about them.

use std::net::{SocketAddr, ToSocketAddrs as _};

use anyhow::{Context as _, bail};
use time::Duration;

use crate::{
    api::{
        buddha_jones::AllowedUrls,
        choices::{
            BuddhaJonesChoices, DialectChoices, TeenQuotesChoices, TimeslotChoices, TrafficOpsChoices,
        },
        table::{Mounted, RouteTable},
    },
    config::{Address, BuddhaJonesSettings, Config, Served, TeenQuotesSettings},
    domain::{Password, PasswordRules},
    http,
    service::UnknownAccount,
};

/// Every dialect that is switched on, where it is mounted. The pages are always there.
pub fn mounted(config: &Config) -> Vec<Mounted> {
    let sections = config.dialects.each();
    let places = http::DIALECTS.iter().filter_map(|dialect| {
        let section = sections.iter().find(|section| section.name == dialect.name);
        let prefix = section.map_or("", |section| section.mount).to_owned();
        section.is_none_or(|section| section.enabled).then_some(Mounted { dialect, prefix })
    });
    places.collect()
}

/// The decisions that handlers go by.
///
/// # Errors
/// A list of addresses that can't be used.
pub(super) fn choices(config: &Config, public_url: &str) -> anyhow::Result<DialectChoices> {
    let dialects = &config.dialects;
    Ok(DialectChoices {
        traffic_ops: TrafficOpsChoices { unknown: dialects.traffic_ops.unknown_account },
        timeslot: TimeslotChoices {
            unknown: dialects.timeslot.unknown_account,
            fixed_password: dialects.timeslot.fixed_password.clone(),
        },
        teen_quotes: teen_quotes(&dialects.teen_quotes),
        buddha_jones: buddha_jones(&dialects.buddha_jones, public_url)?,
    })
}

fn buddha_jones(settings: &BuddhaJonesSettings, public_url: &str) -> anyhow::Result<BuddhaJonesChoices> {
    let operation = format!("{}/password-reset", settings.mount);
    let urls = AllowedUrls::new(&settings.allowed_urls, public_url, &operation);
    let urls = urls.context("dialects.buddha_jones.allowed_urls")?;
    Ok(BuddhaJonesChoices { unknown: settings.unknown_account, urls })
}

fn teen_quotes(settings: &TeenQuotesSettings) -> TeenQuotesChoices {
    let seconds = |count: u32| Duration::seconds(i64::from(count));
    TeenQuotesChoices {
        unknown: settings.unknown_account,
        rules: match settings.strict_passwords {
            true => PasswordRules::STRICT,
            false => PasswordRules::documented(6),
        },
        key_lifetime: seconds(settings.key_lifetime),
        token_lifetime: seconds(settings.token_lifetime),
        link: settings.link.clone(),
    }
}

/// Lets a fixed password be set on loopback only: with it, whoever knows an address can sign in as its holder
/// (DESIGN section 2, `POST /v1/users/reset`).
///
/// # Errors
/// What to change, when one of the listener's addresses is no loopback address.
pub fn check_fixed_password(config: &Config, listeners: &[SocketAddr]) -> anyhow::Result<()> {
    let timeslot = &config.dialects.timeslot;
    let Some(fixed) = timeslot.fixed_password.as_ref().filter(|_| timeslot.enabled) else { return Ok(()) };
    if Password::already_accepted(fixed.reveal()).is_none() {
        bail!("dialects.timeslot.fixed_password is empty or too long");
    }
    if let Some(open) = listeners.iter().find(|address| !address.ip().is_loopback()) {
        bail!(
            "dialects.timeslot.fixed_password is for tests on loopback and the listener is {open}: remove it, or \
             listen on 127.0.0.1 or [::1]"
        );
    }
    tracing::warn!(
        "dialects.timeslot.fixed_password is set: whoever knows an address can sign in as its holder"
    );
    Ok(())
}

/// Whether the dialects can be served as they are configured, on the listener that is configured.
///
/// # Errors
/// What of the settings can't be used, alone or together.
pub fn check_dialects(config: &Config) -> anyhow::Result<()> {
    let mut listeners = Vec::new();
    for address in &config.listen.0 {
        if let Address::Port(place) | Address::PlainPort(place) = address {
            listeners.extend(place.to_socket_addrs().with_context(|| format!("listen: {place}"))?);
        }
    }
    check_fixed_password(config, &listeners)?;
    choices(config, config.public_url.as_deref().unwrap_or("http://localhost"))?;
    RouteTable::compile(mounted(config))?;
    Ok(())
}

/// One line for each contract: whether it tells strangers that an account exists, and how to change that
/// (DESIGN section 2, which dialects are on).
pub fn disclosures(config: &Config) -> Vec<String> {
    config.dialects.each().map(disclosure).to_vec()
}

fn disclosure(Served { name, enabled, mount, unknown_account }: Served<'_>) -> String {
    let place = if mount.is_empty() { String::new() } else { format!(" (below {mount})") };
    match (enabled, unknown_account) {
        (false, _) => format!("{name}: switched off."),
        (true, UnknownAccount::Uniform) => format!("{name}{place}: tells strangers nothing about accounts."),
        (true, UnknownAccount::Documented) => format!(
            "{name}{place}: tells strangers who has an account, as its contract documents; set \
             dialects.{name}.unknown_account = \"uniform\" to change that, or dialects.{name}.enabled = false."
        ),
    }
}
