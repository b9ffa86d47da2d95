//! Tenants: a tree that bounds whom an account may act on.

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
