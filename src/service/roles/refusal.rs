//! Why a role was not made, changed or removed.

use crate::{
    domain::LabelRefused,
    service::{Fault, Lacking},
    store::{Constraint, StoreError},
};

/// Why a role stayed as it was.
#[derive(Debug, thiserror::Error)]
pub enum RoleError {
    /// It is not there.
    #[error("no such role")]
    NoSuchRole,
    /// Another role has the name, or one that differs from it by case only.
    #[error("the name is taken")]
    NameTaken,
    /// Nothing may be called so from now on.
    #[error("the name {0}")]
    Name(#[from] LabelRefused),
    /// It grants, granted or would grant what the actor does not hold.
    #[error("the role grants more than the actor holds")]
    Stronger(Lacking),
    /// Its level would be above the actor's.
    #[error("the level is above the actor's")]
    HigherLevel,
    /// The role `admin` stays as it is.
    #[error("the role admin can not be changed")]
    Admin,
    /// The role `disallowed` keeps its name, by which accounts are disabled.
    #[error("the role disallowed can not be renamed or removed")]
    Disallowed,
    /// Accounts have it.
    #[error("the role is still given to accounts: {holders}")]
    Assigned {
        /// How many.
        holders: i64,
        /// Whether it could not be removed anyway.
        is_admin: bool,
    },
    /// It changed since the actor looked.
    #[error("the role has changed meanwhile")]
    Modified,
    /// No outcome.
    #[error(transparent)]
    Internal(#[from] Fault),
}

impl From<StoreError> for RoleError {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Taken(Constraint::RoleName) => Self::NameTaken,
            other => Self::Internal(other.into()),
        }
    }
}

impl From<Lacking> for RoleError {
    fn from(lacking: Lacking) -> Self {
        Self::Stronger(lacking)
    }
}
