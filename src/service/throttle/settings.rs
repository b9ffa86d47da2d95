//! `[throttle]`: how much is too much.

use std::net::IpAddr;

use ipnet::IpNet;
use serde::Deserialize;

use super::sources::{Rate, Source};
use crate::store::throttle::Waits;

/// `[throttle]`
#[derive(Clone, Debug, Deserialize)]
#[cfg_attr(test, derive(PartialEq))]
#[serde(deny_unknown_fields, default)]
pub struct ThrottleSettings {
    /// Whether anything is held back at all.
    pub enabled: bool,
    /// Seconds to wait after each failure in a row, with one name or at one account; the last counts for all that
    /// follow. The zeros at the beginning are for people who mistype.
    pub waits: Vec<i32>,
    /// Failures in a day, with one name or at one account, after which strangers wait for the next day (NIST 800-63B
    /// rev 4 §3.2.2: no more than 100).
    pub failures_per_day: i32,
    /// Failures that may come at once from one address, or from one /64 of IPv6.
    pub address_burst: u32,
    /// Failures a minute that one address may go on with.
    pub address_per_minute: u32,
    /// Failures that may come at once through one client of `POST /oauth`.
    pub client_burst: u32,
    /// Failures a minute that one client may go on with.
    pub client_per_minute: u32,
    /// Letters an hour that anybody may ask for, to one recipient.
    pub letters_per_hour: i32,
    /// Networks from which nothing is counted: one's own, with thousands of agents that may all have an old password.
    pub exempt: Vec<IpNet>,
}

impl Default for ThrottleSettings {
    fn default() -> Self {
        Self {
            enabled: true,
            waits: vec![0, 0, 0, 1, 3, 5, 10, 20, 40, 60],
            failures_per_day: 100,
            address_burst: 100,
            address_per_minute: 30,
            client_burst: 1000,
            client_per_minute: 300,
            letters_per_hour: 5,
            exempt: Vec::new(),
        }
    }
}

impl ThrottleSettings {
    /// Letters an hour that strangers may have sent to one account; none where nothing is held back.
    pub fn letters_to_one_account(&self) -> Option<i32> {
        self.enabled.then_some(self.letters_per_hour)
    }

    pub(super) fn exempts(&self, address: IpAddr) -> bool {
        self.exempt.iter().any(|network| network.contains(&address))
    }

    pub(super) fn rate_of(&self, source: &Source) -> Rate {
        match source {
            Source::Network(_) => Rate { burst: self.address_burst, a_minute: self.address_per_minute },
            Source::Client(_) => Rate { burst: self.client_burst, a_minute: self.client_per_minute },
        }
    }

    pub(super) fn waits(&self) -> Waits<'_> {
        let seconds = if self.waits.is_empty() { &[0] } else { self.waits.as_slice() };
        Waits { seconds, a_day: self.failures_per_day }
    }
}
