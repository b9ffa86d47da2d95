//! Tables `role` and `role_capability`: roles and what they grant.

use std::borrow::Cow;

use time::OffsetDateTime;

use super::{GenericClient, StoreError, last_deleted, row::Columns, slice};
use crate::domain::{DescribedRole, Permission, Role, RoleId, Slice};

/// The names of what a role grants, over `r` (role).
macro_rules! granted {
    () => {
        "ARRAY(SELECT c.cap_name FROM public.role_capability c WHERE c.role_id = r.id)"
    };
}
pub(super) use granted;

/// As `granted!`, in one order everywhere.
macro_rules! granted_in_order {
    () => {
        "ARRAY(SELECT c.cap_name FROM public.role_capability c WHERE c.role_id = r.id \
           ORDER BY c.cap_name COLLATE \"C\")"
    };
}
pub(super) use granted_in_order;

/// The columns that [`read`] takes, over `r` (role).
macro_rules! role_where {
    ($condition:literal) => {
        concat!("SELECT r.id, r.name, r.priv_level, ", granted!(), " FROM public.role r WHERE ", $condition)
    };
}

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
///
/// # Errors
/// [`StoreError`].
pub async fn by_name(client: &impl GenericClient, name: &str) -> Result<Option<Role>, StoreError> {
    let statement = client.prepare_cached(role_where!("r.name = $1")).await?;
    let row = client.query_opt(&statement, &[&name]).await?;
    Ok(row.map(|row| read(&mut Columns::of(&row))).transpose()?.flatten())
}

/// The role with this identity.
///
/// # Errors
/// [`StoreError`].
pub async fn by_id(client: &impl GenericClient, id: RoleId) -> Result<Option<Role>, StoreError> {
    let statement = client.prepare_cached(role_where!("r.id = $1")).await?;
    let row = client.query_opt(&statement, &[&id.0]).await?;
    Ok(row.map(|row| read(&mut Columns::of(&row))).transpose()?.flatten())
}

/// The columns that [`read_described`] takes, for `SELECT` lists over `r` (role).
macro_rules! described {
    () => {
        concat!(
            "SELECT r.id, r.name, r.priv_level, ",
            granted_in_order!(),
            ", r.description, r.last_updated FROM public.role r "
        )
    };
}

fn read_described(row: &tokio_postgres::Row) -> Result<DescribedRole, StoreError> {
    let mut columns = Columns::of(row);
    let role = read(&mut columns)?;
    let role = role.ok_or_else(|| StoreError::Corrupt("a role without identity".to_owned()))?;
    Ok(DescribedRole { role, description: columns.take()?, last_updated: columns.take()? })
}

/// Which roles somebody wants to see; each that is set narrows it down.
#[derive(Clone, Debug, Default)]
pub struct RoleFilter {
    /// The one with this identity.
    pub id: Option<i64>,
    /// The one with this name.
    pub name: Option<String>,
    /// Those with this level.
    pub priv_level: Option<i64>,
    /// Those that grant this permission; `admin` grants all.
    pub can: Option<String>,
}

/// What a list of roles can be sorted by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RoleOrder {
    /// Identity.
    Id,
    /// Name.
    Name,
    /// Level.
    PrivLevel,
}

/// Roles, with their permissions in order.
///
/// # Errors
/// [`StoreError`].
pub async fn list(
    client: &impl GenericClient,
    filter: &RoleFilter,
    slice: &Slice<RoleOrder>,
) -> Result<Vec<DescribedRole>, StoreError> {
    const SQL: &str = concat!(
        described!(),
        "WHERE ($1::bigint IS NULL OR r.id = $1) AND ($2::text IS NULL OR r.name = $2) \
         AND ($3::bigint IS NULL OR r.priv_level = $3) AND ($4::text IS NULL OR r.name = $5 \
         OR EXISTS (SELECT FROM public.role_capability c WHERE c.role_id = r.id AND c.cap_name = $4))"
    );
    let column = |order| match order {
        RoleOrder::Id => "r.id",
        RoleOrder::Name => "r.name",
        RoleOrder::PrivLevel => "r.priv_level",
    };
    let statement =
        client.prepare_cached(&(SQL.to_owned() + &slice::clause(slice, column, "r.id", 6))).await?;
    let RoleFilter { id, name, priv_level, can } = filter;
    let parameters: [&(dyn tokio_postgres::types::ToSql + Sync); 7] =
        [id, name, priv_level, can, &Role::ADMIN, &slice.limit, &slice.offset];
    client.query(&statement, &parameters).await?.iter().map(read_described).collect()
}

/// When anything about roles last changed, removals included.
///
/// # Errors
/// [`StoreError`].
pub async fn changed_at(client: &impl GenericClient) -> Result<OffsetDateTime, StoreError> {
    let statement = client.prepare_cached(last_deleted::last_change_of!("role")).await?;
    Ok(client.query_one(&statement, &[]).await?.try_get(0)?)
}

/// The role with this identity, held until the transaction ends: nobody else changes it or is given it meanwhile.
///
/// # Errors
/// [`StoreError`]; [`StoreError::Unavailable`] also when somebody else holds the role for too long.
pub async fn hold(client: &impl GenericClient, id: RoleId) -> Result<Option<DescribedRole>, StoreError> {
    let statement = client.prepare_cached("SELECT id FROM public.role WHERE id = $1 FOR UPDATE").await?;
    if client.query_opt(&statement, &[&id.0]).await?.is_none() {
        return Ok(None);
    }
    // What the role grants is read after the wait for whoever held it before.
    let statement = client.prepare_cached(concat!(described!(), "WHERE r.id = $1")).await?;
    client.query_opt(&statement, &[&id.0]).await?.as_ref().map(read_described).transpose()
}

/// Waits for everybody who makes or changes roles, and keeps others from it until the transaction ends.
///
/// Comes before [`hold`]: an import takes both in this order, and they would wait for each other.
///
/// # Errors
/// [`StoreError`]; [`StoreError::Unavailable`] also when somebody else holds them for too long.
pub async fn hold_names(client: &impl GenericClient) -> Result<(), StoreError> {
    Ok(client.batch_execute("LOCK TABLE public.role IN SHARE ROW EXCLUSIVE MODE").await?)
}

/// Whether a role other than this one has the name, whatever the case: `Admin` would be taken for `admin`.
///
/// # Errors
/// [`StoreError`].
pub async fn any_called_like(
    client: &impl GenericClient,
    name: &str,
    except: Option<RoleId>,
) -> Result<bool, StoreError> {
    const SQL: &str = "SELECT EXISTS (SELECT FROM public.role \
         WHERE lower(name) = lower($1) AND id IS DISTINCT FROM $2::bigint)";
    let statement = client.prepare_cached(SQL).await?;
    Ok(client.query_one(&statement, &[&name, &except.map(|id| id.0)]).await?.try_get(0)?)
}

/// How many accounts have a role.
///
/// # Errors
/// [`StoreError`].
pub async fn holders(client: &impl GenericClient, id: RoleId) -> Result<i64, StoreError> {
    let statement = client.prepare_cached("SELECT count(*) FROM public.tm_user WHERE role = $1").await?;
    Ok(client.query_one(&statement, &[&id.0]).await?.try_get(0)?)
}

/// Those of the names that nobody knows as a permission: no role grants it and the table `capability` lacks it.
///
/// # Errors
/// [`StoreError`].
pub async fn unknown_permissions(
    client: &impl GenericClient,
    permissions: &[Permission],
) -> Result<Vec<Permission>, StoreError> {
    const SQL: &str = "SELECT asked.name FROM unnest($1::text[]) WITH ORDINALITY AS asked (name, place) \
         WHERE NOT EXISTS (SELECT FROM public.role_capability c WHERE c.cap_name = asked.name) \
         AND NOT EXISTS (SELECT FROM public.capability c WHERE c.name = asked.name) ORDER BY asked.place";
    let statement = client.prepare_cached(SQL).await?;
    let rows = client.query(&statement, &[&names(permissions)]).await?;
    rows.iter().map(|row| Ok(Permission::named(row.try_get::<_, String>(0)?))).collect()
}

fn names(permissions: &[Permission]) -> Vec<&str> {
    permissions.iter().map(|permission| permission.0.as_ref()).collect()
}

/// Makes a role; what it grants is stored apart.
///
/// # Errors
/// [`StoreError::Taken`] with [`super::Constraint::RoleName`], and the others of [`StoreError`].
pub async fn insert(
    client: &impl GenericClient,
    name: &str,
    description: &str,
    priv_level: i64,
    now: OffsetDateTime,
) -> Result<(RoleId, OffsetDateTime), StoreError> {
    const SQL: &str = "INSERT INTO public.role (name, description, priv_level, last_updated) \
         VALUES ($1, $2, $3, $4) RETURNING id, last_updated";
    let statement = client.prepare_cached(SQL).await?;
    let row = client.query_one(&statement, &[&name, &description, &priv_level, &now]).await?;
    Ok((RoleId(row.try_get(0)?), row.try_get(1)?))
}

/// Changes a role; what it grants is stored apart. Returns the time as it was stored.
///
/// # Errors
/// [`StoreError::Taken`] with [`super::Constraint::RoleName`], and the others of [`StoreError`].
pub async fn update(
    client: &impl GenericClient,
    role: &Role,
    description: &str,
    now: OffsetDateTime,
) -> Result<OffsetDateTime, StoreError> {
    const SQL: &str = "UPDATE public.role SET name = $2, description = $3, priv_level = $4, last_updated = $5 \
         WHERE id = $1 RETURNING last_updated";
    let statement = client.prepare_cached(SQL).await?;
    let row =
        client.query_one(&statement, &[&role.id.0, &role.name, &description, &role.priv_level, &now]).await?;
    Ok(row.try_get(0)?)
}

/// Makes a role grant these permissions and no others.
///
/// # Errors
/// [`StoreError`].
pub async fn set_permissions(
    client: &impl GenericClient,
    id: RoleId,
    permissions: &[Permission],
    now: OffsetDateTime,
) -> Result<(), StoreError> {
    const TAKE: &str =
        "DELETE FROM public.role_capability WHERE role_id = $1 AND cap_name <> ALL ($2::text[])";
    const GIVE: &str = "INSERT INTO public.role_capability (role_id, cap_name, last_updated) \
         SELECT $1, asked.name, $3 FROM unnest($2::text[]) AS asked (name) ON CONFLICT DO NOTHING";
    let names = names(permissions);
    let take = client.prepare_cached(TAKE).await?;
    client.execute(&take, &[&id.0, &names]).await?;
    let give = client.prepare_cached(GIVE).await?;
    client.execute(&give, &[&id.0, &names, &now]).await?;
    Ok(())
}

/// Removes a role that no account has.
///
/// # Errors
/// [`StoreError`].
pub async fn remove(client: &impl GenericClient, id: RoleId, now: OffsetDateTime) -> Result<(), StoreError> {
    let statement = client.prepare_cached("DELETE FROM public.role WHERE id = $1").await?;
    client.execute(&statement, &[&id.0]).await?;
    last_deleted::note(client, "role", now).await
}
