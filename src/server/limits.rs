//! What one listener puts up with: how many connections, how long for what, how large a head.

use std::time::Duration;

use serde::{Deserialize, Deserializer, de::Error};

/// The longest time that may be set: a day. Anything above is a slip of units, not a wish.
const LONGEST: u64 = 86_400;

/// Limits of the listener (DESIGN section 7). In the configuration times are whole seconds, at least 1 and at
/// most 86,400 (a day).
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Limits {
    /// Connections served at one time. Those beyond it wait in the kernel's backlog until one of these ends.
    pub connections: usize,
    /// Connections of one address (IPv6: of one /64) at one time; those beyond it are closed at once. Trusted
    /// proxies and Unix sockets are not counted; 0 counts nobody.
    pub connections_per_address: usize,
    /// Calls at work at one time; those beyond it are answered with 503. A call that waits for the client's body is
    /// not counted meanwhile.
    pub calls: usize,
    /// Calls at one time on one HTTP/2 connection.
    pub streams: u32,
    /// Seconds that a TLS handshake may take.
    #[serde(deserialize_with = "seconds")]
    pub handshake_timeout: Duration,
    /// Seconds from the first byte of a request (on a new connection: from its start) to the end of its headers.
    /// Who is slower is cut off without an answer.
    #[serde(deserialize_with = "seconds")]
    pub header_timeout: Duration,
    /// Seconds from the end of the headers to the answer, the reading of the body included. Then the client hears
    /// 408 if its body has not arrived, else 503.
    #[serde(deserialize_with = "seconds")]
    pub call_timeout: Duration,
    /// Seconds that a connection may lie idle between two requests, or may take to fetch an answer.
    #[serde(deserialize_with = "seconds")]
    pub idle_timeout: Duration,
    /// Seconds that calls may run on after the stop signal before they are cut.
    #[serde(deserialize_with = "seconds")]
    pub drain_timeout: Duration,
    /// Bytes of a request line with its headers. Above it: 431.
    pub header_bytes: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            connections: 10_000,
            connections_per_address: 1_000,
            calls: 2_000,
            streams: 100,
            handshake_timeout: Duration::from_secs(10),
            header_timeout: Duration::from_secs(10),
            call_timeout: Duration::from_secs(30),
            idle_timeout: Duration::from_secs(75),
            drain_timeout: Duration::from_secs(20),
            header_bytes: 32 * 1024,
        }
    }
}

/// Reads a time in whole seconds.
fn seconds<'de, D: Deserializer<'de>>(source: D) -> Result<Duration, D::Error> {
    let count = u64::deserialize(source)?;
    if !(1..=LONGEST).contains(&count) {
        return Err(D::Error::custom(format_args!("{count} is no time from 1 to {LONGEST} seconds")));
    }
    Ok(Duration::from_secs(count))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(json: &str) -> Result<Limits, serde_json::Error> {
        serde_json::from_str(json)
    }

    #[test]
    fn what_is_not_set_keeps_its_default() {
        let limits = read(r#"{"idle_timeout": 5}"#).unwrap();
        assert_eq!(limits, Limits { idle_timeout: Duration::from_secs(5), ..Limits::default() });
    }

    #[test]
    fn unknown_keys_and_times_without_sense_are_refused() {
        assert!(read(r#"{"idle_time": 5}"#).is_err());
        assert!(read(r#"{"idle_timeout": 0}"#).is_err());
        assert!(read(r#"{"idle_timeout": 86401}"#).is_err());
        assert!(read(r#"{"idle_timeout": "5s"}"#).is_err());
    }
}
