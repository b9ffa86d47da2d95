//! All SQL, a table a file. Functions take the connection or transaction they run on, and the time.

pub mod accounts;
pub mod embedded;
mod error;
pub mod migrate;
pub mod outbox;
mod pool;
pub mod reset_keys;
pub mod roles;
mod row;
pub mod sessions;
pub mod tenants;

pub use deadpool_postgres::GenericClient;
pub use error::{Constraint, StoreError};
pub use pool::{Database, DatabaseSettings};
