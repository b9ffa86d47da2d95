//! The Timeslot dialect, from outside.

mod envelope;
mod one_time_password;
pub(crate) mod program;
mod redemption;
mod seed;
mod start;
mod tokens;
mod tour;
mod uniform;
mod values;
