//! Who is at the other end: what only the listener knows about a request.

use std::net::IpAddr;

/// The client, which the listener tells with the head of every request (warp's own `addr::remote` stays empty
/// behind a foreign accept loop, DESIGN section 7). Where a trusted proxy stands in between, this is what the proxy
/// says; nobody else is believed (DESIGN section 2, real client address).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Peer {
    /// The client's address; an IPv4 address that came over IPv6 is an IPv4 address. `None` on a Unix socket, unless
    /// a trusted proxy names one.
    pub address: Option<IpAddr>,
    /// Whether the client came by TLS, to us or to a trusted proxy.
    pub secure: bool,
}
