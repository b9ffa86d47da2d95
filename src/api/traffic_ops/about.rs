//! What the server is, and that it is there.

use serde::Serialize;

use crate::api::{call::Call, problem::Problem, reply::Reply};

#[derive(Serialize)]
struct Pong {
    ping: &'static str,
}

/// Answers without a look at the database.
pub(super) async fn ping(_: Call) -> Result<Reply, Problem> {
    Reply::bare(&Pong { ping: "pong" })
}

/// Key order and capitals: fact sheet Traffic Ops §1.1; keys without a value are left out.
#[derive(Serialize)]
struct About {
    release: &'static str,
    name: &'static str,
    #[serde(rename = "Version")]
    version: &'static str,
}

/// Says what runs here, to those who are signed in.
pub(super) async fn about(_: Call) -> Result<Reply, Problem> {
    let version = env!("CARGO_PKG_VERSION");
    Reply::bare(&About { release: version, name: env!("CARGO_PKG_NAME"), version })
}
