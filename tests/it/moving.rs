//! Accounts moved in from elsewhere and out again, links handed over without mail, and what an installation begins with.

mod deploy;
mod files;
mod links;
mod many;
mod original;
pub(crate) mod program;
mod round_trip;
