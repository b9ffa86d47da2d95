//! What HTTP says, dialect by dialect: routes, forms, views, envelopes. Knows status codes, not sockets.

mod admission;
pub mod buddha_jones;
pub mod call;
pub mod choices;
pub mod colour;
pub mod cookies;
pub mod dialect;
pub mod fields;
pub mod form;
pub mod health;
pub mod json;
pub mod limits;
pub mod long;
pub mod look;
pub mod permissions;
pub mod problem;
pub mod reply;
pub mod route;
pub mod secrets;
pub mod site;
pub mod table;
pub mod tally;
pub mod teen_quotes;
pub mod timeslot;
pub mod traffic_ops;
pub mod uuid;
pub mod version;

pub use admission::{Admitted, Head, admit, refuse_foreign};
