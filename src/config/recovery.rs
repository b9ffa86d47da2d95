//! `[recovery]`: reset keys and invitations.

use serde::Deserialize;

/// `[recovery]`
#[derive(Clone, Deserialize)]
#[cfg_attr(test, derive(PartialEq))]
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
