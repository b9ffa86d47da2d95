//! What the original gets wrong about users, roles and tenants, done right: a test is named for the right behaviour.
//!
//! The numbers are those of the list in the fact sheet on Traffic Ops, which is kept beside this tree (its section 11).

mod roles_tenants;
mod roles_tenants_requests;
mod users;
mod users_authority;
