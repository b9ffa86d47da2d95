//! Roles and the permissions they grant.

use std::borrow::Cow;

/// Identity of a role: `role.id`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RoleId(pub i64);

/// A named right, such as `USER:READ`. Operators may invent names of their own.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Permission(pub Cow<'static, str>);

impl Permission {
    /// The permission of this name.
    pub fn named(name: impl Into<Cow<'static, str>>) -> Self {
        Self(name.into())
    }
}

/// A named set of permissions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Role {
    /// Database identity; the 3.x API shows it.
    pub id: RoleId,
    /// Name; the 4.x and 5.0 APIs show it.
    pub name: String,
    /// The level that 3.x shows. Nothing is decided by it (DESIGN section 2, authority).
    pub priv_level: i64,
    /// What the role grants, in no order.
    pub permissions: Vec<Permission>,
}

impl Role {
    /// The role whose holders can't sign in, by its reserved name.
    pub const DISALLOWED: &'static str = "disallowed";
    /// The role that may do everything, by its reserved name.
    pub const ADMIN: &'static str = "admin";

    /// Whether holders may sign in at all.
    pub fn may_sign_in(&self) -> bool {
        self.name != Self::DISALLOWED
    }

    /// Whether the role grants a permission.
    pub fn grants(&self, permission: &Permission) -> bool {
        self.name == Self::ADMIN || self.permissions.contains(permission)
    }

    /// The permissions of another role that this one lacks: what its holder can't hand on.
    pub fn lacks_of<'a>(&self, other: &'a Role) -> Vec<&'a Permission> {
        other.permissions.iter().filter(|permission| !self.grants(permission)).collect()
    }
}
