//! Table `tenant`: the tree that bounds whom an account may act on.

use time::OffsetDateTime;
use tokio_postgres::{Row, error::SqlState};

use super::{GenericClient, StoreError, last_deleted, row::Columns, slice};
use crate::domain::{Slice, Tenant, TenantId, TenantNode};

/// A tenant and all above it, as a part of `WITH RECURSIVE`. `UNION` comes to an end even where they stand in a ring.
macro_rules! upwards {
    ($name:literal, $from:literal) => {
        concat!(
            $name,
            " AS (SELECT id, parent_id, active FROM public.tenant WHERE id = ",
            $from,
            " UNION SELECT t.id, t.parent_id, t.active FROM ",
            $name,
            " JOIN public.tenant t ON t.id = ",
            $name,
            ".parent_id)"
        )
    };
}
pub(super) use upwards;

/// Whether a tenant and all above it are active, as an expression.
macro_rules! awake {
    ($tenant:literal) => {
        concat!(
            "(WITH RECURSIVE ",
            crate::store::tenants::upwards!("above", $tenant),
            " SELECT bool_and(active) FROM above)"
        )
    };
}
pub(super) use awake;

/// The tenants that meet a condition and all below them, as the part `below` of `WITH RECURSIVE`.
macro_rules! below {
    ($condition:literal) => {
        concat!(
            "below AS (SELECT id FROM public.tenant WHERE ",
            $condition,
            " UNION SELECT t.id FROM below JOIN public.tenant t ON t.parent_id = below.id)"
        )
    };
}
pub(super) use below;

/// The tenant, if it is `own` or below it, and `own` and all above it are active.
///
/// Source: fact sheet Traffic Ops §7.5; whether the tenant reached is active doesn't matter.
///
/// # Errors
/// [`StoreError`].
pub async fn within_reach(
    client: &impl GenericClient,
    own: TenantId,
    wanted: TenantId,
) -> Result<Option<Tenant>, StoreError> {
    const SQL: &str = concat!(
        "WITH RECURSIVE ",
        upwards!("above", "$1"),
        ", ",
        upwards!("chain", "$2"),
        " SELECT id, name FROM public.tenant WHERE id = $2 \
           AND (SELECT bool_and(active) FROM above) AND EXISTS (SELECT FROM chain WHERE chain.id = $1)"
    );
    let statement = client.prepare_cached(SQL).await?;
    let row = client.query_opt(&statement, &[&own.0, &wanted.0]).await?;
    row.map(|row| Ok(Tenant { id: TenantId(row.try_get(0)?), name: row.try_get(1)? })).transpose()
}

/// The tenant with this name.
///
/// # Errors
/// [`StoreError`].
pub async fn by_name(client: &impl GenericClient, name: &str) -> Result<Option<Tenant>, StoreError> {
    let row = client.query_opt("SELECT id, name FROM public.tenant WHERE name = $1", &[&name]).await?;
    row.map(|row| Ok(Tenant { id: TenantId(row.try_get(0)?), name: row.try_get(1)? })).transpose()
}

/// The columns that [`read`] takes, over `t` (tenant) and `p` (the one above it).
macro_rules! node {
    () => {
        "SELECT t.id, t.name, t.active, t.last_updated, p.id, p.name \
         FROM public.tenant t LEFT JOIN public.tenant p ON p.id = t.parent_id "
    };
}

fn read(row: &Row) -> Result<TenantNode, StoreError> {
    let mut columns = Columns::of(row);
    let tenant = Tenant { id: TenantId(columns.take()?), name: columns.take()? };
    let (active, last_updated) = (columns.take()?, columns.take()?);
    let parent: (Option<i64>, Option<String>) = (columns.take()?, columns.take()?);
    let parent = parent.0.zip(parent.1).map(|(id, name)| Tenant { id: TenantId(id), name });
    Ok(TenantNode { tenant, active, parent, last_updated })
}

/// Which tenants somebody wants to see; each that is set narrows it down.
#[derive(Clone, Debug, Default)]
pub struct TenantFilter {
    /// Those that are active, or not.
    pub active: Option<bool>,
    /// The one with this identity.
    pub id: Option<i64>,
    /// The one with this name.
    pub name: Option<String>,
    /// Those right under the tenant with this identity.
    pub parent_id: Option<i64>,
    /// Those right under the tenant with this name.
    pub parent_name: Option<String>,
}

/// What a list of tenants can be sorted by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TenantOrder {
    /// Whether it is active.
    Active,
    /// Identity.
    Id,
    /// Name.
    Name,
    /// Identity of the tenant above.
    ParentId,
    /// Name of the tenant above.
    ParentName,
}

/// A tenant and all below it, active or not; the whole forest for nobody's.
///
/// # Errors
/// [`StoreError`].
pub async fn list(
    client: &impl GenericClient,
    top: Option<TenantId>,
    filter: &TenantFilter,
    slice: &Slice<TenantOrder>,
) -> Result<Vec<TenantNode>, StoreError> {
    const SQL: &str = concat!(
        "WITH RECURSIVE ",
        below!("id = $1 OR ($1::bigint IS NULL AND parent_id IS NULL)"),
        " ",
        node!(),
        "WHERE t.id IN (SELECT id FROM below) AND ($2::boolean IS NULL OR t.active = $2) \
         AND ($3::bigint IS NULL OR t.id = $3) AND ($4::text IS NULL OR t.name = $4) \
         AND ($5::bigint IS NULL OR p.id = $5) AND ($6::text IS NULL OR p.name = $6)"
    );
    let column = |order| match order {
        TenantOrder::Active => "t.active",
        TenantOrder::Id => "t.id",
        TenantOrder::Name => "t.name",
        TenantOrder::ParentId => "p.id",
        TenantOrder::ParentName => "p.name",
    };
    let statement =
        client.prepare_cached(&(SQL.to_owned() + &slice::clause(slice, column, "t.id", 7))).await?;
    let TenantFilter { active, id, name, parent_id, parent_name } = filter;
    let top = top.map(|top| top.0);
    let parameters: [&(dyn tokio_postgres::types::ToSql + Sync); 8] =
        [&top, active, id, name, parent_id, parent_name, &slice.limit, &slice.offset];
    client.query(&statement, &parameters).await?.iter().map(read).collect()
}

/// When anything about tenants last changed, removals included.
///
/// # Errors
/// [`StoreError`].
pub async fn changed_at(client: &impl GenericClient) -> Result<OffsetDateTime, StoreError> {
    let statement = client.prepare_cached(last_deleted::last_change_of!("tenant")).await?;
    Ok(client.query_one(&statement, &[]).await?.try_get(0)?)
}

/// Keeps everybody else from changing the tree until the transaction ends; readers are not held up.
///
/// Two moves at once, each sound, could otherwise make a ring.
///
/// # Errors
/// [`StoreError`]; [`StoreError::Unavailable`] also when somebody else holds it for too long.
pub async fn hold_tree(client: &impl GenericClient) -> Result<(), StoreError> {
    Ok(client.batch_execute("LOCK TABLE public.tenant IN SHARE ROW EXCLUSIVE MODE").await?)
}

/// The tenant with this identity.
///
/// # Errors
/// [`StoreError`].
pub async fn by_id(client: &impl GenericClient, id: TenantId) -> Result<Option<TenantNode>, StoreError> {
    let statement = client.prepare_cached(concat!(node!(), "WHERE t.id = $1")).await?;
    client.query_opt(&statement, &[&id.0]).await?.as_ref().map(read).transpose()
}

/// Whether the second tenant is the first or below it.
///
/// # Errors
/// [`StoreError`].
pub async fn is_below(
    client: &impl GenericClient,
    upper: TenantId,
    lower: TenantId,
) -> Result<bool, StoreError> {
    const SQL: &str = concat!(
        "WITH RECURSIVE ",
        upwards!("chain", "$2"),
        " SELECT EXISTS (SELECT FROM chain WHERE chain.id = $1)"
    );
    let statement = client.prepare_cached(SQL).await?;
    Ok(client.query_one(&statement, &[&upper.0, &lower.0]).await?.try_get(0)?)
}

/// Makes a tenant.
///
/// # Errors
/// [`StoreError::Taken`] with [`super::Constraint::TenantName`], and the others of [`StoreError`].
pub async fn insert(
    client: &impl GenericClient,
    name: &str,
    active: bool,
    parent: TenantId,
    now: OffsetDateTime,
) -> Result<TenantId, StoreError> {
    const SQL: &str = "INSERT INTO public.tenant (name, active, parent_id, last_updated) \
         VALUES ($1, $2, $3, $4) RETURNING id";
    let statement = client.prepare_cached(SQL).await?;
    let row = client.query_one(&statement, &[&name, &active, &parent.0, &now]).await?;
    Ok(TenantId(row.try_get(0)?))
}

/// Changes a tenant.
///
/// # Errors
/// [`StoreError::Taken`] with [`super::Constraint::TenantName`], and the others of [`StoreError`].
pub async fn update(
    client: &impl GenericClient,
    id: TenantId,
    name: &str,
    active: bool,
    parent: TenantId,
    now: OffsetDateTime,
) -> Result<(), StoreError> {
    const SQL: &str = "UPDATE public.tenant SET name = $2, active = $3, parent_id = $4, last_updated = $5 \
         WHERE id = $1";
    let statement = client.prepare_cached(SQL).await?;
    client.execute(&statement, &[&id.0, &name, &active, &parent.0, &now]).await?;
    Ok(())
}

/// Ends every session and token of the accounts that belong to a tenant or to one below it.
///
/// # Errors
/// [`StoreError`].
pub async fn end_all_below(client: &impl GenericClient, id: TenantId) -> Result<(), StoreError> {
    const SQL: &str = concat!(
        "WITH RECURSIVE ",
        below!("id = $1"),
        ", locked_out AS (SELECT u.id FROM public.tm_user u JOIN below ON below.id = u.tenant_id), \
           sessions AS (DELETE FROM latchkey.session WHERE account_id IN (SELECT id FROM locked_out)), \
           families AS (DELETE FROM latchkey.token_family WHERE account_id IN (SELECT id FROM locked_out)) \
         DELETE FROM latchkey.auth_token WHERE account_id IN (SELECT id FROM locked_out)"
    );
    let statement = client.prepare_cached(SQL).await?;
    client.execute(&statement, &[&id.0]).await?;
    Ok(())
}

/// What became of a removal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Removal {
    /// The tenant is gone.
    Done,
    /// Rows of this table still belong to it. The transaction can't go on.
    HeldBy(String),
}

/// Removes a tenant that nothing belongs to.
///
/// # Errors
/// [`StoreError`]. What belongs to the tenant is an outcome, no error.
pub async fn remove(
    client: &impl GenericClient,
    id: TenantId,
    now: OffsetDateTime,
) -> Result<Removal, StoreError> {
    let statement = client.prepare_cached("DELETE FROM public.tenant WHERE id = $1").await?;
    match client.execute(&statement, &[&id.0]).await {
        Ok(_) => {
            last_deleted::note(client, "tenant", now).await?;
            Ok(Removal::Done)
        }
        Err(error) => match error.as_db_error() {
            Some(report) if *report.code() == SqlState::FOREIGN_KEY_VIOLATION => {
                Ok(Removal::HeldBy(report.table().unwrap_or("rows").to_owned()))
            }
            _ => Err(error.into()),
        },
    }
}
