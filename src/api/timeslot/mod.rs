//! The account part of the Timeslot API: `/v1/users/reset`, `signin`, `signout`, behind a token of 27 characters.

mod credentials;
mod envelope;
#[cfg(any(fuzzing, test))]
pub(crate) mod fuzz;
mod request_id;
mod routes;
mod users;

use super::{dialect::Dialect, problem::Problem, version::ApiVersion};

/// The dialect.
pub static DIALECT: Dialect = Dialect {
    name: "timeslot",
    homes: &["/v1/users"],
    mount: |_| "/v1".to_owned(),
    versions: &[V1_0],
    routes: routes::ROUTES,
    identify: credentials::identify,
    nobody: credentials::nobody,
    render: envelope::render,
    missing: |_| Problem::not_found("Not Found"),
};

const V1_0: ApiVersion = ApiVersion::new(1, 0);
