//! The Teen Quotes dialect, from outside.

mod accounts;
mod envelope;
mod operator;
pub(crate) mod program;
mod recovery;
mod redemption;
mod refresh;
mod seed;
mod tokens;
mod tour;
mod uniform;
mod values;
