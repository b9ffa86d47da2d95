//! The database on its bad days: away, frozen, full, replaced, left in the middle; through a pooler; over TLS; another program's.

mod adoption;
pub(crate) mod cluster;
mod failover;
mod migrations;
mod outages;
mod pooler;
mod proxy;
mod tls;
mod transactions;
