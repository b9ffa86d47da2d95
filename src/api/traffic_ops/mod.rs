//! The account API of Apache Traffic Ops: `/api/<version>/…`, alerts envelope, cookie sessions.

mod about;
mod capabilities;
mod conditional;
pub mod cookie;
mod credentials;
mod current;
mod envelope;
mod forms;
#[cfg(any(fuzzing, test))]
pub(crate) mod fuzz;
mod listing;
mod login;
mod recovery;
mod registration;
mod roles;
mod routes;
mod set_cookie;
mod tenants;
mod users;
mod views;
mod whole;

use super::{dialect::Dialect, problem::Problem, version::ApiVersion};
pub(crate) use {credentials::identify, set_cookie::session_cookies};

/// The dialect.
pub static DIALECT: Dialect = Dialect {
    name: "traffic_ops",
    homes: &["/api"],
    mount: |version| format!("/api/{version}"),
    versions: &[V3_0, V3_1, V4_0, V4_1, V5_0],
    routes: routes::ROUTES,
    identify: credentials::identify,
    nobody: credentials::nobody,
    render: envelope::render,
    missing,
};

const V3_0: ApiVersion = ApiVersion::new(3, 0);
const V3_1: ApiVersion = ApiVersion::new(3, 1);
const V4_0: ApiVersion = ApiVersion::new(4, 0);
const V4_1: ApiVersion = ApiVersion::new(4, 1);
const V5_0: ApiVersion = ApiVersion::new(5, 0);

/// An unknown path of a served version is 404; of another version 501, which clients fall back on.
///
/// Source: fact sheet Traffic Ops §6, §9.1.
fn missing(path: &str) -> Problem {
    let version = path.trim_start_matches('/').split('/').nth(1).unwrap_or_default();
    match DIALECT.versions.iter().any(|served| served.to_string() == version) {
        true => Problem::not_found(format!("The requested path '{path}' does not exist.")),
        false => Problem::new(http::StatusCode::NOT_IMPLEMENTED, NOT_IMPLEMENTED),
    }
}

const NOT_IMPLEMENTED: &str = "The requested api version is not implemented by this server. If you are using a \
    newer client with an older server, you will need to use an older client version or upgrade your server.";
