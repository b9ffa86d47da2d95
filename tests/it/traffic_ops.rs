//! The Traffic Ops dialect, from outside.

mod again;
mod authority;
mod capabilities;
mod conditional;
mod cookies;
mod current;
mod defects;
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
mod users_changes;
mod users_lists;
mod users_removal;
