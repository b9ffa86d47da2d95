//! The audit trail: who did what, from where, and who may read it.

mod notices;
mod trail;
