//! The Buddha Jones dialect, from outside.

mod envelope;
mod links;
mod own_password;
pub(crate) mod program;
mod redemption;
mod seed;
mod tokens;
mod tour;
mod uniform;
mod values;
