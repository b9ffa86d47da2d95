//! What HTTP says, dialect by dialect: routes, forms, views, envelopes. Knows status codes, not sockets.

mod admission;
pub mod call;
pub mod dialect;
pub mod fields;
pub mod json;
pub mod problem;
pub mod reply;
pub mod route;
pub mod secrets;
pub mod site;
pub mod table;
pub mod traffic_ops;
pub mod version;

pub use admission::{Admitted, Head, admit};
