//! Roles and the permissions they grant.

use std::borrow::Cow;

use time::OffsetDateTime;

use super::{Label, LabelRefused};

/// Identity of a role: `role.id`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RoleId(pub i64);

/// A named right, such as `USER:READ`. Operators may invent names of their own.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Permission(pub Cow<'static, str>);

impl Permission {
    /// The permission of this name.
    pub fn named(name: impl Into<Cow<'static, str>>) -> Self {
        Self(name.into())
    }

    /// Reads what somebody typed: any name will do that is one.
    ///
    /// # Errors
    /// [`LabelRefused`].
    pub fn parse(text: &str) -> Result<Self, LabelRefused> {
        Label::parse(text).map(|label| Self::named(label.as_str().to_owned()))
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
}

/// A role with what is told about it beside what it grants.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DescribedRole {
    /// The role.
    pub role: Role,
    /// What it is for.
    pub description: String,
    /// When the role or anything it grants was last changed.
    pub last_updated: OffsetDateTime,
}

/// The level that 3.x shows for a role that nobody gave one: 20 where it grants all that reads and changes users and
/// tenants, 10 where it grants the reading, else 0. Never 30, which is the administrators'.
///
/// Source: fact sheet Traffic Ops §1 (level beside permission), §11-2 (the level never comes from who made it).
pub fn derived_level(permissions: &[Permission]) -> i64 {
    let grants = |names: &[&str]| {
        names.iter().all(|name| permissions.iter().any(|permission| permission.0.as_ref() == *name))
    };
    match (grants(&READING), grants(&CHANGING)) {
        (true, true) => 20,
        (true, false) => 10,
        (false, _) => 0,
    }
}

const READING: [&str; 3] = ["USER:READ", "ROLE:READ", "TENANT:READ"];
const CHANGING: [&str; 5] = ["USER:CREATE", "USER:UPDATE", "TENANT:CREATE", "TENANT:UPDATE", "TENANT:DELETE"];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_level_follows_from_what_a_role_grants() {
        let named = |names: &[&'static str]| names.iter().map(|name| Permission::named(*name)).collect();
        let level = |permissions: Vec<Permission>| derived_level(&permissions);
        assert_eq!(level(named(&[])), 0);
        assert_eq!(level(named(&["ALL", "USER:CREATE"])), 0);
        assert_eq!(level(named(&READING)), 10);
        assert_eq!(level(named(&[&READING[..], &CHANGING].concat())), 20);
        assert_eq!(level(named(&[&READING[..], &CHANGING, &["ROLE:CREATE", "ALL"]].concat())), 20);
    }
}
