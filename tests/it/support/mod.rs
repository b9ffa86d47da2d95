//! A whole latchkey for a test: its own database, a clock that is moved by hand, letters that are kept.

mod app;
mod client;
mod letters;
mod postgres;

pub use app::{PASSWORD, TestApp, account};
pub use client::Client;
pub use letters::Letters;
pub use postgres::{database, database_url};
