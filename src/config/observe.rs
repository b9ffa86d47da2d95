//! `[observe]`: the listener for those who watch.

use std::net::SocketAddr;

use serde::Deserialize;

/// `[observe]`: `/metrics`, `/healthz` and `/readyz` on a listener of their own. It has no sign-in: keep it where only
/// those can reach it who may know how busy the server is.
#[derive(Clone, Default, Deserialize)]
#[cfg_attr(test, derive(PartialEq))]
#[serde(deny_unknown_fields, default)]
pub struct ObserveSettings {
    /// Address and port, as in `127.0.0.1:9090`; none means that there is no such listener.
    pub listen: Option<SocketAddr>,
}
