//! `latchkey routes`: every operation, as served.

use super::print::say;
use crate::{
    api::table::{RouteTable, endpoints},
    app,
    config::Config,
};

/// Prints one line a place: dialect, method, path, operation. Fails as the start does when two claim one place.
pub(super) fn run(config: &Config) -> anyhow::Result<()> {
    RouteTable::compile(app::mounted(config))?;
    for at in app::mounted(config) {
        for endpoint in endpoints(at.dialect) {
            let route = endpoint.route;
            let path = endpoint.paths().into_iter().next().unwrap_or_default();
            let (dialect, verb, path) = (at.dialect.name, route.verb.to_string(), at.prefix.clone() + &path);
            say!("{dialect:12} {verb:6} {path:40} {}", route.operation);
        }
    }
    Ok(())
}
