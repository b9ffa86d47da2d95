//! Tables `role` and `role_capability`: roles and what they grant.

use std::borrow::Cow;

use deadpool_postgres::GenericClient;

use super::{StoreError, row::Columns};
use crate::domain::{Permission, Role, RoleId};

/// Reads `r.id, r.name, r.priv_level, ARRAY(… cap_name …)` of an outer join.
pub(super) fn read(columns: &mut Columns<'_>) -> Result<Option<Role>, StoreError> {
    let id: Option<i64> = columns.take()?;
    let name: Option<String> = columns.take()?;
    let priv_level: Option<i64> = columns.take()?;
    let permissions: Vec<String> = columns.take()?;
    Ok(match (id, name, priv_level) {
        (Some(id), Some(name), Some(priv_level)) => {
            let permissions = permissions.into_iter().map(|name| Permission(Cow::Owned(name))).collect();
            Some(Role { id: RoleId(id), name, priv_level, permissions })
        }
        _ => None,
    })
}

/// The role with this name.
pub async fn by_name(client: &impl GenericClient, name: &str) -> Result<Option<Role>, StoreError> {
    const SQL: &str = "SELECT r.id, r.name, r.priv_level, \
         ARRAY(SELECT c.cap_name FROM public.role_capability c WHERE c.role_id = r.id) \
         FROM public.role r WHERE r.name = $1";
    let statement = client.prepare_cached(SQL).await?;
    let row = client.query_opt(&statement, &[&name]).await?;
    Ok(row.map(|row| read(&mut Columns::of(&row))).transpose()?.flatten())
}

/// The role with this identity.
pub async fn by_id(client: &impl GenericClient, id: RoleId) -> Result<Option<Role>, StoreError> {
    const SQL: &str = "SELECT r.id, r.name, r.priv_level, \
         ARRAY(SELECT c.cap_name FROM public.role_capability c WHERE c.role_id = r.id) \
         FROM public.role r WHERE r.id = $1";
    let statement = client.prepare_cached(SQL).await?;
    let row = client.query_opt(&statement, &[&id.0]).await?;
    Ok(row.map(|row| read(&mut Columns::of(&row))).transpose()?.flatten())
}
