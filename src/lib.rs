//! latchkey: a self-hosted sign-in and account-recovery server.
//!
//! ```text
//! main -> cli -> app, server -> http -> api, pages -> service -> store, ports -> domain
//!                   \-> mail (the courier) ------------------------^
//!
//! socket -> server -> http -> api::table -> admission -> form -> service -> store (one tx) ----> commit
//!                                                                  \-> outbox (same tx)            |
//! socket <- server <- http <- dialect envelope <- Reply | Problem <- view <------------------------+
//!                                courier (own task): outbox -> key minted -> letter -> SMTP
//! ```
//!
//! Each module may use the ones to its right, never one to its left: `tests/layers.rs` fails when that is
//! broken. `docs/architecture.md` walks three requests through the house.

pub mod api;
pub mod app;
pub mod cli;
pub mod config;
pub mod domain;
#[cfg(any(fuzzing, test))]
pub mod fuzz;
pub mod http;
pub mod mail;
pub mod pages;
pub mod ports;
pub mod server;
pub mod service;
pub mod store;
