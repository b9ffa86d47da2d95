//! Parts of the internet: what is counted as one client, and what as one place.

use std::{fmt, net::IpAddr};

use ipnet::IpNet;

/// A network that addresses are taken together by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Network(IpNet);

impl Network {
    /// What one client has for itself: an IPv4 address, or the /64 of an IPv6 address (RFC 6177 §2: the least that a
    /// site is given).
    pub fn of_client(address: IpAddr) -> Self {
        Self::of(address, 32, 64)
    }

    /// Where a client is, to the neighbourhood that providers move it about in: a /24, or the /48 of a site.
    pub fn of_place(address: IpAddr) -> Self {
        Self::of(address, 24, 48)
    }

    fn of(address: IpAddr, v4: u8, v6: u8) -> Self {
        let address = address.to_canonical();
        let length = if address.is_ipv4() { v4 } else { v6 };
        Self(IpNet::new(address, length).map_or_else(|_| address.into(), |network| network.trunc()))
    }
}

impl fmt::Display for Network {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ip(text: &str) -> IpAddr {
        text.parse().unwrap()
    }

    #[test]
    fn an_ipv6_client_is_its_64_and_an_ipv4_one_itself() {
        assert_eq!(Network::of_client(ip("2001:db8:1:2:3::4")).to_string(), "2001:db8:1:2::/64");
        assert_eq!(Network::of_client(ip("192.0.2.7")).to_string(), "192.0.2.7/32");
        assert_eq!(Network::of_client(ip("::ffff:192.0.2.7")), Network::of_client(ip("192.0.2.7")));
    }

    #[test]
    fn a_place_is_a_neighbourhood() {
        assert_eq!(Network::of_place(ip("192.0.2.7")), Network::of_place(ip("192.0.2.200")));
        assert_ne!(Network::of_place(ip("192.0.2.7")), Network::of_place(ip("192.0.3.7")));
        assert_eq!(Network::of_place(ip("2001:db8:1:2::4")).to_string(), "2001:db8:1::/48");
    }
}
