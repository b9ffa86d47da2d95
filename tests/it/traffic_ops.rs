//! The Traffic Ops dialect, from outside.

mod again;
mod authority;
mod capabilities;
mod conditional;
mod cookies;
mod current;
mod defects_roles_tenants;
mod defects_roles_tenants_20;
mod defects_users;
mod envelope;
mod listing;
mod program;
mod recovery;
mod registration;
mod roles;
mod sessions;
mod tenants;
mod tour;
mod users;
mod users_authority;
mod users_changes;
mod users_lists;
mod users_removal;
