//! The story of latchkey, told over HTTP on a real PostgreSQL. One binary, so that it is linked once.

#![expect(clippy::unwrap_used, reason = "what a test needs and does not get fails it")]
#![allow(clippy::too_many_lines, reason = "a story is told in one piece")]

mod audit;
mod buddha_jones;
mod conformance;
mod contract;
mod database;
mod mail;
mod moving;
mod observe;
mod pages;
mod plans;
mod private_postgres;
mod process;
mod safety;
mod server;
mod smtp_sink;
mod support;
mod teen_quotes;
mod throttle;
mod timeslot;
mod traffic_ops;
