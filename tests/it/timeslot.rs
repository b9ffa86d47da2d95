//! The Timeslot dialect, from outside.

mod envelope;
mod one_time_password;
mod program;
mod redemption;
mod seed;
mod start;
mod tokens;
mod tour;
mod uniform;
mod values;
