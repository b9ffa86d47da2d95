//! The account part of the Buddha Jones API: `/password-reset`, `/login`, `/logout`, `/user`.

mod credentials;
mod envelope;
mod form;
#[cfg(any(fuzzing, test))]
pub(crate) mod fuzz;
mod links;
mod navigation;
mod page;
mod password_reset;
mod routes;
mod user;
mod views;

use super::{dialect::Dialect, problem::Problem, version::ApiVersion};

pub use links::{AllowedUrls, UrlRefused};

/// The dialect.
pub static DIALECT: Dialect = Dialect {
    name: "buddha_jones",
    homes: &["/password-reset", "/login", "/logout", "/user"],
    mount: |_| String::new(),
    versions: &[V1_0],
    routes: routes::ROUTES,
    identify: credentials::identify,
    nobody: credentials::nobody,
    render: envelope::render,
    missing: |_| Problem::not_found("Not found."),
};

const V1_0: ApiVersion = ApiVersion::new(1, 0);
