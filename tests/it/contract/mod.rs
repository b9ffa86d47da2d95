//! Holds the server to the documents in `api/`: what it serves, and every reply it gives in any test.

mod completeness;
pub mod document;
mod drift;
mod judge;
pub mod request;
mod soundness;
pub mod state;
pub mod tour;
pub mod validate;
pub mod wire;

use latchkey::{api::dialect::Dialect, http::DIALECTS};

/// Every dialect but the pages and the health checks, which promise nothing to clients.
fn contracts() -> impl Iterator<Item = &'static Dialect> {
    DIALECTS.iter().copied().filter(|dialect| !["pages", "health"].contains(&dialect.name))
}
