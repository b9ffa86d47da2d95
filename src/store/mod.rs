//! All SQL, a table a file. Functions take the connection or transaction they run on, and the time.

pub mod access_tokens;
pub mod accounts;
pub mod addressees;
pub mod auth_tokens;
pub mod capabilities;
pub mod email_changes;
pub mod embedded;
mod error;
pub mod housekeeping;
mod last_deleted;
pub mod log;
pub mod migrate;
pub mod oauth_clients;
pub mod outbox;
mod pool;
pub mod reset_keys;
pub mod roles;
mod row;
pub mod sessions;
mod slice;
pub mod temporary_passwords;
pub mod tenants;

pub use deadpool_postgres::GenericClient;
pub use error::{Constraint, StoreError};
pub use pool::{Database, DatabaseSettings};
