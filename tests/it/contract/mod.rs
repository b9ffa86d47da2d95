//! Holds the server to the documents in `api/`: what it serves, and every reply it gives in any test.

pub mod document;
mod drift;
mod judge;
pub mod request;
pub mod state;
pub mod tour;
pub mod validate;
pub mod wire;
