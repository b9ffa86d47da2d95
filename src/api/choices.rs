//! What the operator decided about each contract.

use time::Duration;

use super::buddha_jones::AllowedUrls;
use crate::{
    domain::{PasswordRules, SecretText},
    service::UnknownAccount,
};

/// The operator's decisions, contract by contract.
pub struct DialectChoices {
    /// Of `traffic_ops`.
    pub traffic_ops: TrafficOpsChoices,
    /// Of `timeslot`.
    pub timeslot: TimeslotChoices,
    /// Of `teen_quotes`.
    pub teen_quotes: TeenQuotesChoices,
    /// Of `buddha_jones`.
    pub buddha_jones: BuddhaJonesChoices,
}

/// Decisions about Traffic Ops.
pub struct TrafficOpsChoices {
    /// What strangers hear who ask for an unknown address.
    pub unknown: UnknownAccount,
}

/// Decisions about Timeslot.
pub struct TimeslotChoices {
    /// What strangers hear who ask for an unknown address.
    pub unknown: UnknownAccount,
    /// The password that every reset sets at once, instead of a letter: for tests on loopback only.
    pub fixed_password: Option<SecretText>,
}

/// Decisions about Teen Quotes.
pub struct TeenQuotesChoices {
    /// What clients hear that ask for an unknown address.
    pub unknown: UnknownAccount,
    /// What a new password must fulfil.
    pub rules: PasswordRules,
    /// How long a reset key lives, from the request.
    pub key_lifetime: Duration,
    /// How long an access token lives.
    pub token_lifetime: Duration,
    /// What the link of a reset letter begins with, up to the key; none means latchkey's own page.
    pub link: Option<String>,
}

/// Decisions about Buddha Jones.
pub struct BuddhaJonesChoices {
    /// What strangers hear who ask for an unknown name.
    pub unknown: UnknownAccount,
    /// Where the links of letters may lead.
    pub urls: AllowedUrls,
}
