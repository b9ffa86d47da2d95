//! A whole latchkey for a test: its own database, a clock that is moved by hand, letters that are kept.

mod app;
mod bodies;
mod client;
mod letters;
mod people;
mod pgbouncer;
mod postgres;
mod seen;
mod watcher;

pub use app::{PASSWORD, TestApp, account, unthrottled, with_role};
pub use bodies::{carrying, form, is, lasting, multipart, post_form, said, strange_values};
pub use client::{Client, SINCE_4, UP_TO_3, VERSIONS};
pub use letters::Letters;
pub use people::people;
pub use pgbouncer::{PgBouncer, unprivileged};
pub use postgres::{
    database, database_url, direct_url, empty_database_url, settings, somebody_waits_for_a_lock,
    through_pgbouncer,
};
pub use seen::{GUESS, in_answer, in_request};
pub use watcher::{Watcher, watcher};
