//! Where keys lead: the links of letters, and of keys that are handed over by hand.

use super::entrance;
use crate::{config::Config, domain::ResetKey, service::Opens};

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

/// The link for a key that was handed over, by a command that knows of no open socket.
pub fn handed_over(config: &Config, opens: Opens, key: &ResetKey) -> String {
    let public_url = entrance::public_url(config, &[]);
    let pattern = match opens {
        Opens::Reset => reset(config, &public_url),
        Opens::Registration => registration(config, &public_url),
    };
    pattern.replace("{key}", key.reveal())
}
