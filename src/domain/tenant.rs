//! Tenants: a tree that bounds whom an account may act on.

use time::OffsetDateTime;

/// Identity of a tenant: `tenant.id`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TenantId(pub i64);

/// The tenant an account belongs to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tenant {
    /// Database identity.
    pub id: TenantId,
    /// Unique name.
    pub name: String,
}

impl Tenant {
    /// The name of the tenant above all others. It can't be changed.
    pub const ROOT: &'static str = "root";
}

/// A tenant with its place in the tree.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TenantNode {
    /// The tenant.
    pub tenant: Tenant,
    /// Whether its users, and those of the tenants below it, may sign in.
    pub active: bool,
    /// The tenant it hangs under; none for the root.
    pub parent: Option<Tenant>,
    /// When it was last changed.
    pub last_updated: OffsetDateTime,
}
