//! Where keys lead: the links of letters, and of keys that are handed over by hand.

use crate::{
    config::{Address, Config},
    domain::ResetKey,
    service::Opens,
};

/// The link of a reset letter, with `{key}` where the key stands.
pub(super) fn reset(config: &Config, public_url: &str) -> String {
    config.recovery.link.clone().unwrap_or_else(|| own(public_url, "reset-password"))
}

/// The link of an invitation, with `{key}` where the key stands.
pub(super) fn registration(config: &Config, public_url: &str) -> String {
    config.recovery.registration_link.clone().unwrap_or_else(|| own(public_url, "register"))
}

fn own(public_url: &str, page: &str) -> String {
    format!("{public_url}/{page}?token={{key}}")
}

/// The link for a key that was handed over. A server that has no `public_url` is taken to be where the settings say
/// that it listens.
pub fn handed_over(config: &Config, opens: Opens, key: &ResetKey) -> String {
    let public_url = match &config.public_url {
        Some(url) => url.trim_end_matches('/').to_owned(),
        None => first_port(config),
    };
    let pattern = match opens {
        Opens::Reset => reset(config, &public_url),
        Opens::Registration => registration(config, &public_url),
    };
    pattern.replace("{key}", key.reveal())
}

fn first_port(config: &Config) -> String {
    let with_tls = if config.tls.certificate.is_some() { "https" } else { "http" };
    let port = config.listen.0.iter().find_map(|address| match address {
        Address::Port(place) => Some((with_tls, place)),
        Address::PlainPort(place) => Some(("http", place)),
        Address::Unix(_) | Address::HandedOver => None,
    });
    let Some((scheme, place)) = port else { return "http://localhost".to_owned() };
    match place.strip_prefix("0.0.0.0:").or_else(|| place.strip_prefix("[::]:")) {
        Some(port) => format!("{scheme}://localhost:{port}"),
        None => format!("{scheme}://{place}"),
    }
}
