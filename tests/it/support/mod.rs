//! A whole latchkey for a test: its own database, a clock that is moved by hand, letters that are kept.

mod app;
mod client;
mod letters;
mod pgbouncer;
mod postgres;
mod seen;
mod watcher;

pub use app::{PASSWORD, TestApp, account, unthrottled};
pub use client::Client;
pub use letters::Letters;
pub use pgbouncer::{PgBouncer, unprivileged};
pub use postgres::{database, database_url, empty_database_url, settings, through_pgbouncer};
pub use seen::{GUESS, in_answer, in_request};
pub use watcher::{Watcher, watcher};
