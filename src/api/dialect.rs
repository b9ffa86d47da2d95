//! A dialect: where it is mounted, which versions it serves, how it hears and how it words.

use http::HeaderMap;
use time::OffsetDateTime;

use super::{
    problem::Problem,
    reply::{Outcome, Wire},
    route::Route,
    secrets::Secrets,
    version::ApiVersion,
};
use crate::domain::SessionToken;

/// One of the contracts that the server speaks.
pub struct Dialect {
    /// Name in logs, in the configuration and in `api/<name>-….json`.
    pub name: &'static str,
    /// Where its paths begin: decides who words a 404.
    pub home: &'static str,
    /// The path its routes hang under in one version, without a slash at the end.
    pub mount: fn(ApiVersion) -> String,
    /// Versions served, oldest first.
    pub versions: &'static [ApiVersion],
    /// Its operations.
    pub routes: &'static [Route],
    /// Reads the credentials of a request; `None` when there are none.
    pub presented: fn(&HeaderMap, &Secrets, OffsetDateTime) -> Result<Option<Presented>, Problem>,
    /// Puts an outcome into the dialect's envelope, with its headers.
    pub render: fn(Outcome<'_>) -> Wire,
    /// What it says of a path where it has nothing.
    pub missing: fn(&str) -> Problem,
}

/// Credentials whose signature and time are good; whether the session lives, the database knows.
pub struct Presented {
    /// The session's secret.
    pub token: SessionToken,
    /// How it was carried, to be renewed the same way.
    pub carrier: Carrier,
}

/// How a session's secret travels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Carrier {
    /// In the session cookie.
    Cookie,
    /// In an access token, as a cookie.
    AccessTokenCookie,
    /// In an access token, as a bearer.
    Bearer,
}
