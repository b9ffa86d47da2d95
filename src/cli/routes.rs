//! `latchkey routes`: every operation, as served.

use crate::{api::table::endpoints, http::DIALECTS};

/// Prints one line a place: dialect, method, path, operation.
pub(super) fn run() -> anyhow::Result<()> {
    for endpoint in DIALECTS.iter().flat_map(|dialect| endpoints(dialect)) {
        let route = endpoint.route;
        let path = endpoint.paths().into_iter().next().unwrap_or_default();
        let (dialect, verb) = (endpoint.dialect.name, route.verb.to_string());
        println!("{dialect:12} {verb:6} {path:40} {}", route.operation);
    }
    Ok(())
}
