//! Holds the server to the documents in `api/`: what it serves, and every reply it gives in any test.

pub mod document;
mod drift;
pub mod house;
mod judge;
mod tour;
pub mod validate;
pub mod wire;
