//! The story of latchkey, told over HTTP on a real PostgreSQL. One binary, so that it is linked once.

#![expect(clippy::unwrap_used, reason = "what a test needs and does not get fails it")]

mod conformance;
mod contract;
mod mail;
mod private_postgres;
mod server;
mod smtp_sink;
mod support;
mod traffic_ops;
