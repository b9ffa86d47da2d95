//! Why something on the move was not taken in.

use super::Place;
use crate::{
    domain::{EmailRefused, LabelRefused, UsernameRefused},
    ports::hasher::Unverifiable,
};

/// Why something was not taken in, no part of it.
#[derive(Debug, thiserror::Error)]
pub enum Refusal {
    /// It is no account, role or tenant.
    #[error("{0}")]
    Unreadable(String),
    /// The user name broke a rule.
    #[error(transparent)]
    Username(#[from] UsernameRefused),
    /// The address broke a rule.
    #[error(transparent)]
    Email(#[from] EmailRefused),
    /// The name of a role, a permission or a tenant broke a rule.
    #[error("the name {0}")]
    Label(#[from] LabelRefused),
    /// PostgreSQL can't store NUL, and mail programs take other control characters for orders.
    #[error("there are control characters in it")]
    Control,
    /// The hash will never be verified.
    #[error("the password hash {0}")]
    Hash(#[from] Unverifiable),
    /// It speaks of no role, and nobody said what is meant then.
    #[error("it names no role")]
    NoRole,
    /// No role has the name.
    #[error("no role is called {0}")]
    UnknownRole(String),
    /// No tenant has the name.
    #[error("no tenant is called {0}")]
    UnknownTenant(String),
    /// Another account has the user name.
    #[error("the user name is that of an account with another address")]
    NameTaken,
    /// Another account of the same source has the user name.
    #[error("the user name is also in {0}, with another address")]
    NameTwice(Place),
    /// Another account has the address.
    #[error("the address is that of the account {0}")]
    AddressTaken(String),
    /// Another account of the same source has the address.
    #[error("the address is also in {0}")]
    AddressTwice(Place),
    /// Somebody else got the name or the address at this moment.
    #[error("the user name or the address was taken a moment ago")]
    TakenJustNow,
    /// A role of this name is there, somebody has it, and it is another.
    #[error("a role of this name is here already, people have it, and it grants or says something else")]
    RoleDiffers,
    /// A tenant of this name is there, somebody is in it, and it stands elsewhere or sleeps.
    #[error("a tenant of this name is here already, with people in it, and is elsewhere or not as active")]
    TenantDiffers,
    /// A tenant can't be below itself.
    #[error("the tenant above it is below it")]
    Ring,
}
