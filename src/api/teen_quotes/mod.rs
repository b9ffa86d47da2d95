//! The account part of the Teen Quotes API: `/oauth`, and `/v1/password/…` behind a client's token.

mod credentials;
mod envelope;
#[cfg(any(fuzzing, test))]
pub(crate) mod fuzz;
mod oauth;
mod password;
mod routes;

use super::{call::Call, dialect::Dialect, form::Form, problem::Problem, version::ApiVersion};

/// The dialect.
pub static DIALECT: Dialect = Dialect {
    name: "teen_quotes",
    homes: &["/oauth", "/v1/password", "/v1/users/password"],
    mount: |_| String::new(),
    versions: &[V1_0],
    routes: routes::ROUTES,
    identify: credentials::identify,
    nobody: credentials::nobody,
    render: envelope::render,
    missing: |path| Problem::not_found(format!("The requested path '{path}' does not exist.")),
};

const V1_0: ApiVersion = ApiVersion::new(1, 0);

/// The fields of a body. What can't be read counts as not sent: the contract has no words for it, but for each
/// field that is missing.
fn form(call: &Call) -> Form {
    Form::read(&call.headers, &call.body).unwrap_or_default()
}
