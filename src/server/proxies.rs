//! Whose word about the client is taken: the proxies that the operator listed, and nobody else.

use std::{net::IpAddr, str::FromStr};

use http::HeaderMap;
use ipnet::IpNet;
use serde::{Deserialize, Deserializer, de::Error};

use super::forwarded::{self, Hop};
use crate::http::Peer;

/// One entry of `trusted_proxies`: a network, an address, or `unix` for whoever may connect to a Unix socket.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Proxy {
    /// Peers in this network.
    Network(IpNet),
    /// Peers on a Unix socket.
    Unix,
}

impl FromStr for Proxy {
    type Err = NoProxy;

    fn from_str(text: &str) -> Result<Self, NoProxy> {
        if text == "unix" {
            return Ok(Self::Unix);
        }
        let network = text.parse().or_else(|_| text.parse::<IpAddr>().map(IpNet::from));
        network.map(Self::Network).map_err(|_| NoProxy(text.to_owned()))
    }
}

/// What an entry is instead of a proxy.
#[derive(Debug, thiserror::Error)]
#[error("{0:?} is neither a network such as \"10.0.0.0/8\", nor an address, nor \"unix\"")]
pub struct NoProxy(String);

impl<'de> Deserialize<'de> for Proxy {
    fn deserialize<D: Deserializer<'de>>(source: D) -> Result<Self, D::Error> {
        String::deserialize(source)?.parse().map_err(D::Error::custom)
    }
}

/// The header that the proxies write. Only this one is read: a proxy hands the other on as the client sent it, so
/// reading both would let any client choose its address.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ForwardedHeader {
    /// `X-Forwarded-For`, with `X-Forwarded-Proto`.
    #[default]
    XForwardedFor,
    /// `Forwarded` (RFC 7239).
    Forwarded,
}

/// The proxies that are believed, and where they write what they know.
#[derive(Clone, Debug, Default)]
pub struct TrustedProxies {
    listed: Vec<Proxy>,
    header: ForwardedHeader,
}

impl TrustedProxies {
    /// Believes these, in this header.
    pub fn new(listed: Vec<Proxy>, header: ForwardedHeader) -> Self {
        Self { listed, header }
    }

    /// Whether a peer is one of the proxies; `None` is the other end of a Unix socket.
    pub(super) fn trust(&self, end: Option<IpAddr>) -> bool {
        self.listed.iter().any(|proxy| match (proxy, end) {
            (Proxy::Network(network), Some(address)) => network.contains(&address),
            (Proxy::Unix, None) => true,
            _ => false,
        })
    }

    /// Who the client is, by the words of a trusted peer: from the right, the first address that is no proxy's. A
    /// proxy that does not know whom it forwards for is the last that is known.
    pub(super) fn client(&self, headers: &HeaderMap, nearest: Peer) -> Peer {
        match self.header {
            ForwardedHeader::Forwarded => self.first_stranger(forwarded::forwarded(headers), nearest),
            ForwardedHeader::XForwardedFor => {
                let secure = forwarded::x_forwarded_proto(headers).unwrap_or(nearest.secure);
                self.first_stranger(forwarded::x_forwarded(headers), Peer { secure, ..nearest })
            }
        }
    }

    fn first_stranger(&self, hops: impl Iterator<Item = Hop>, nearest: Peer) -> Peer {
        let mut client = nearest;
        for Hop { address, secure } in hops {
            client.secure = secure.unwrap_or(client.secure);
            let Some(address) = address else { break };
            client.address = Some(address);
            if !self.trust(Some(address)) {
                break;
            }
        }
        client
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn ip(text: &str) -> IpAddr {
        text.parse().unwrap()
    }

    fn believing(listed: &[&str], header: ForwardedHeader) -> TrustedProxies {
        TrustedProxies::new(listed.iter().map(|text| text.parse().unwrap()).collect(), header)
    }

    fn client(proxies: &TrustedProxies, end: &str, lines: &[(&'static str, &str)]) -> Peer {
        let mut headers = HeaderMap::new();
        for (name, value) in lines {
            headers.append(*name, value.parse().unwrap());
        }
        proxies.client(&headers, Peer { address: Some(ip(end)), secure: false })
    }

    #[test]
    fn an_entry_is_a_network_an_address_or_unix() {
        assert!("10.0.0.0/8".parse::<Proxy>().is_ok() && "::1".parse::<Proxy>().is_ok());
        assert_eq!("10.0.0.0/33".parse::<Proxy>().map_err(|error| error.to_string()).unwrap_err(), {
            "\"10.0.0.0/33\" is neither a network such as \"10.0.0.0/8\", nor an address, nor \"unix\""
        });
        let proxies = believing(&["unix", "10.0.0.0/8"], ForwardedHeader::default());
        assert!(
            proxies.trust(None)
                && proxies.trust(Some(ip("10.9.9.9")))
                && !proxies.trust(Some(ip("11.0.0.1")))
        );
        assert!(!believing(&["10.0.0.1"], ForwardedHeader::default()).trust(Some(ip("10.0.0.2"))));
    }

    #[test]
    fn the_client_is_the_first_from_the_right_that_is_no_proxy() {
        let proxies = believing(&["10.0.0.0/8"], ForwardedHeader::XForwardedFor);
        let found = client(&proxies, "10.0.0.1", &[("x-forwarded-for", "1.1.1.1, 192.0.2.9, 10.0.0.2")]);
        assert_eq!(found, Peer { address: Some(ip("192.0.2.9")), secure: false });
        let found = client(&proxies, "10.0.0.1", &[("x-forwarded-for", "10.0.0.3, 10.0.0.2")]);
        assert_eq!(found.address, Some(ip("10.0.0.3")), "a client inside");
        assert_eq!(client(&proxies, "10.0.0.1", &[]).address, Some(ip("10.0.0.1")));
    }

    #[test]
    fn a_proxy_that_does_not_know_is_the_last_that_is_known() {
        let proxies = believing(&["10.0.0.0/8"], ForwardedHeader::XForwardedFor);
        let found = client(&proxies, "10.0.0.1", &[("x-forwarded-for", "1.1.1.1, unknown, 10.0.0.2")]);
        assert_eq!(found.address, Some(ip("10.0.0.2")));
    }

    #[test]
    fn only_the_header_that_the_operator_named_is_read() {
        let both = [("forwarded", "for=192.0.2.1;proto=https"), ("x-forwarded-for", "192.0.2.2")];
        let named = |header| client(&believing(&["10.0.0.1"], header), "10.0.0.1", &both);
        let by_forwarded = named(ForwardedHeader::Forwarded);
        assert_eq!(by_forwarded, Peer { address: Some(ip("192.0.2.1")), secure: true });
        assert_eq!(
            named(ForwardedHeader::XForwardedFor),
            Peer { address: Some(ip("192.0.2.2")), secure: false }
        );
    }

    #[test]
    fn the_protocol_counts_without_an_address_too() {
        let proxies = believing(&["10.0.0.1"], ForwardedHeader::XForwardedFor);
        assert!(client(&proxies, "10.0.0.1", &[("x-forwarded-proto", "HTTPS")]).secure);
        assert!(!client(&proxies, "10.0.0.1", &[("x-forwarded-proto", "http")]).secure);
    }

    proptest! {
        #[test]
        fn a_stranger_behind_a_proxy_is_known_whatever_it_sends(garbage in "[ -~]{0,60}", stranger: IpAddr) {
            let stranger = stranger.to_canonical();
            prop_assume!(!IpNet::from_str("10.0.0.0/8").unwrap().contains(&stranger));
            let line = format!("{garbage}, {stranger}, 10.1.1.1");
            let proxies = believing(&["10.0.0.0/8"], ForwardedHeader::XForwardedFor);
            let found = client(&proxies, "10.0.0.1", &[("x-forwarded-for", &line)]);
            prop_assert_eq!(found.address, Some(stranger));
        }
    }
}
