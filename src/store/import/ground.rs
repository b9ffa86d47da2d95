//! Roles and tenants that arrivals need: what is there, and whether anybody would feel a change.

use time::OffsetDateTime;

use crate::{
    domain::{RoleId, RoleLine, TenantId, TenantLine},
    store::{GenericClient, StoreError, roles::granted_in_order, row::Columns, tenants::below},
};

/// A role that is there.
pub struct HeldRole {
    /// Its identity.
    pub id: RoleId,
    /// What it is, as it would travel.
    pub line: RoleLine,
    /// Whether any account has it.
    pub held: bool,
}

/// The role of this name.
///
/// # Errors
/// [`StoreError`]; [`StoreError::Unavailable`] also when somebody else holds the role for too long.
pub async fn role_named(client: &impl GenericClient, name: &str) -> Result<Option<HeldRole>, StoreError> {
    const SQL: &str = concat!(
        "SELECT r.id, r.name, r.description, r.priv_level, ",
        granted_in_order!(),
        ", EXISTS (SELECT FROM public.tm_user u WHERE u.role = r.id) \
         FROM public.role r WHERE r.name = $1 FOR UPDATE OF r"
    );
    let row = client.query_opt(SQL, &[&name]).await?;
    row.map(|row| {
        let mut columns = Columns::of(&row);
        Ok(HeldRole {
            id: RoleId(columns.take()?),
            line: RoleLine {
                name: columns.take()?,
                description: columns.take()?,
                priv_level: columns.take()?,
                permissions: columns.take()?,
            },
            held: columns.take()?,
        })
    })
    .transpose()
}

/// A tenant that is there.
pub struct HeldTenant {
    /// Its identity.
    pub id: TenantId,
    /// What it is, as it would travel.
    pub line: TenantLine,
    /// Whether any account is in it or below it.
    pub peopled: bool,
}

/// The tenant of this name.
///
/// # Errors
/// [`StoreError`].
pub async fn tenant_named(client: &impl GenericClient, name: &str) -> Result<Option<HeldTenant>, StoreError> {
    const SQL: &str = concat!(
        "WITH RECURSIVE ",
        below!("name = $1"),
        " SELECT t.id, t.name, p.name, t.active, \
           EXISTS (SELECT FROM public.tm_user u JOIN below ON below.id = u.tenant_id) \
         FROM public.tenant t LEFT JOIN public.tenant p ON p.id = t.parent_id WHERE t.name = $1"
    );
    let row = client.query_opt(SQL, &[&name]).await?;
    row.map(|row| {
        let mut columns = Columns::of(&row);
        Ok(HeldTenant {
            id: TenantId(columns.take()?),
            line: TenantLine { name: columns.take()?, parent: columns.take()?, active: columns.take()? },
            peopled: columns.take()?,
        })
    })
    .transpose()
}

/// Makes a tenant under another, or beside the root.
///
/// # Errors
/// [`StoreError::Taken`] with [`crate::store::Constraint::TenantName`], and the others of [`StoreError`].
pub async fn plant_tenant(
    client: &impl GenericClient,
    name: &str,
    active: bool,
    parent: Option<TenantId>,
    now: OffsetDateTime,
) -> Result<(), StoreError> {
    const SQL: &str =
        "INSERT INTO public.tenant (name, active, parent_id, last_updated) VALUES ($1, $2, $3, $4)";
    client.execute(SQL, &[&name, &active, &parent.map(|parent| parent.0), &now]).await?;
    Ok(())
}

/// Hangs a tenant under another, or beside the root, and says whether it is active.
///
/// # Errors
/// [`StoreError`].
pub async fn move_tenant(
    client: &impl GenericClient,
    id: TenantId,
    active: bool,
    parent: Option<TenantId>,
    now: OffsetDateTime,
) -> Result<(), StoreError> {
    const SQL: &str = "UPDATE public.tenant SET active = $2, parent_id = $3, last_updated = $4 WHERE id = $1";
    client.execute(SQL, &[&id.0, &active, &parent.map(|parent| parent.0), &now]).await?;
    Ok(())
}
