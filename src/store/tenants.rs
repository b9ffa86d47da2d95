//! Table `tenant`: the tree that bounds whom an account may act on.

use deadpool_postgres::GenericClient;

use super::StoreError;
use crate::domain::{Tenant, TenantId};

/// The tenant, if it is `own` or below it, and `own` and all above it are active.
///
/// Source: fact sheet Traffic Ops §7.5; whether the tenant reached is active doesn't matter.
pub async fn within_reach(
    client: &impl GenericClient,
    own: TenantId,
    wanted: TenantId,
) -> Result<Option<Tenant>, StoreError> {
    const SQL: &str = "WITH RECURSIVE \
           above AS (SELECT id, parent_id, active FROM public.tenant WHERE id = $1 \
             UNION ALL SELECT t.id, t.parent_id, t.active \
             FROM above JOIN public.tenant t ON t.id = above.parent_id), \
           chain AS (SELECT id, parent_id FROM public.tenant WHERE id = $2 \
             UNION ALL SELECT t.id, t.parent_id FROM chain JOIN public.tenant t ON t.id = chain.parent_id) \
         SELECT id, name FROM public.tenant WHERE id = $2 \
           AND (SELECT bool_and(active) FROM above) AND EXISTS (SELECT FROM chain WHERE chain.id = $1)";
    let statement = client.prepare_cached(SQL).await?;
    let row = client.query_opt(&statement, &[&own.0, &wanted.0]).await?;
    row.map(|row| Ok(Tenant { id: TenantId(row.try_get(0)?), name: row.try_get(1)? })).transpose()
}

/// The tenant with this name.
pub async fn by_name(client: &impl GenericClient, name: &str) -> Result<Option<Tenant>, StoreError> {
    let row = client.query_opt("SELECT id, name FROM public.tenant WHERE name = $1", &[&name]).await?;
    row.map(|row| Ok(Tenant { id: TenantId(row.try_get(0)?), name: row.try_get(1)? })).transpose()
}
