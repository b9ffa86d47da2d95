//! Who is at the other end of the socket: the one thing about a request that only the listener knows.

use std::net::SocketAddr;

/// Address of the socket's other end, which the listener puts into the extensions of every request
/// (warp's own `addr::remote` stays empty behind a foreign accept loop, DESIGN section 7).
///
/// It may be a proxy; whether `X-Forwarded-For` is to be believed is decided later.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Peer(pub SocketAddr);
