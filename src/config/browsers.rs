//! `[browsers]`: what browsers are told and allowed.

use http::HeaderValue;
use serde::Deserialize;

/// `[browsers]`
#[derive(Clone, Deserialize)]
#[cfg_attr(test, derive(PartialEq))]
#[serde(deny_unknown_fields, default)]
pub struct BrowserSettings {
    /// Other origins, such as `https://portal.example.com`, whose pages may use sessions.
    pub allowed_origins: Vec<String>,
    /// Seconds for which a browser that came by TLS keeps to TLS for this host (RFC 6797); 0 says nothing of it.
    pub hsts_max_age: u32,
}

/// A year.
const HSTS_MAX_AGE: u32 = 31_536_000;

impl Default for BrowserSettings {
    fn default() -> Self {
        Self { allowed_origins: Vec::new(), hsts_max_age: HSTS_MAX_AGE }
    }
}

impl BrowserSettings {
    /// The value of `Strict-Transport-Security`, unless it is switched off. Other hosts of the domain are not
    /// latchkey's to speak for, so they are not in it.
    pub fn strict_transport(&self) -> Option<HeaderValue> {
        let wanted = Some(self.hsts_max_age).filter(|seconds| *seconds > 0);
        wanted.and_then(|seconds| HeaderValue::try_from(format!("max-age={seconds}")).ok())
    }
}
