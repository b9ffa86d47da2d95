//! A dialect: where it is mounted, which versions it serves, how it hears and how it words.

use std::pin::Pin;

use super::{
    admission::Head,
    problem::Problem,
    reply::{Outcome, Renewal, Wire},
    route::Route,
    site::Site,
    version::ApiVersion,
};
use crate::{domain::AuthToken, service::Caller};

/// One of the contracts that the server speaks.
pub struct Dialect {
    /// Name in logs, in the configuration and in `api/<name>-….json`.
    pub name: &'static str,
    /// Where its paths begin, below its prefix: decides who words a 404. The longest that fits counts.
    pub homes: &'static [&'static str],
    /// The path its routes hang under in one version, without a slash at the end.
    pub mount: fn(ApiVersion) -> String,
    /// Versions served, oldest first.
    pub versions: &'static [ApiVersion],
    /// Its operations.
    pub routes: &'static [Route],
    /// Finds out who makes a request.
    pub identify: Identify,
    /// What somebody hears who has no credentials, or bad ones that the dialect has no words of its own for.
    pub nobody: fn() -> Problem,
    /// Puts an outcome into the dialect's envelope, with its headers.
    pub render: fn(Outcome<'_>) -> Wire,
    /// What it says of a path where it has nothing.
    pub missing: fn(&str) -> Problem,
}

/// Reads the credentials of a request and looks up whose they are; `None` when there are none, or dead ones.
pub type Identify = for<'a> fn(&'a Head, &'a Site) -> Identification<'a>;

/// The outcome of [`Identify`], in time.
pub type Identification<'a> = Pin<Box<dyn Future<Output = Result<Option<Identity>, Problem>> + Send + 'a>>;

/// Whose live credentials a request carries.
pub struct Identity {
    /// The account.
    pub caller: Caller,
    /// The session to renew with the answer, where the dialect does that.
    pub renewal: Option<Renewal>,
}

/// For dialects where an account has one token: whose it is.
///
/// # Errors
/// A fault only.
pub async fn holder(
    token: Option<AuthToken>,
    dialect: &str,
    site: &Site,
) -> Result<Option<Identity>, Problem> {
    let Some(token) = token else { return Ok(None) };
    let caller = site.services.tokens.caller(&token, dialect).await?;
    Ok(caller.map(|caller| Identity { caller, renewal: None }))
}

/// For dialects without credentials.
pub fn nobody_at_all<'a>(_: &'a Head, _: &'a Site) -> Identification<'a> {
    Box::pin(std::future::ready(Ok(None)))
}
