//! Where a request came from: for the holder to recognise, never to decide by.

use std::net::IpAddr;

use time::{Duration, OffsetDateTime};

use crate::{domain::LetterKind, store::outbox};

/// Where a request came from.
#[derive(Clone, Debug, Default)]
pub struct Origin {
    /// The contract by which it came, `pages` or `cli`.
    pub dialect: &'static str,
    /// The client's address.
    pub address: Option<String>,
    /// The same as a value, for throttles: an IPv4 address that came over IPv6 is an IPv4 address. `None` where
    /// the client has none, as on a Unix socket.
    pub ip: Option<IpAddr>,
    /// The client's own name for itself, cut to 200 characters.
    pub user_agent: Option<String>,
}

impl Origin {
    /// The command line of the machine that the program runs on.
    pub fn command_line() -> Self {
        Self { dialect: "cli", ..Self::default() }
    }

    /// A letter that is promised to whoever asks from here: about nobody yet, with the contract's own link.
    pub(super) fn promise<'a>(
        &'a self,
        kind: LetterKind,
        recipient: &'a str,
        promised_at: OffsetDateTime,
        lifetime: Duration,
    ) -> outbox::Promise<'a> {
        outbox::Promise {
            kind,
            dialect: self.dialect,
            recipient,
            account: None,
            origin: self.address.as_deref(),
            link: None,
            promised_at,
            expires_at: promised_at + lifetime,
        }
    }
}
