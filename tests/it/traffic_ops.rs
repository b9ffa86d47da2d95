//! The Traffic Ops dialect, from outside.

mod cookies;
mod current;
mod envelope;
mod recovery;
mod sessions;
