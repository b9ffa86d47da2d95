//! Lists of accounts, read row by row.

use futures_util::{Stream, StreamExt as _};
use time::OffsetDateTime;
use tokio_postgres::types::ToSql;

use super::{GenericClient, account_fields, account_joins, read};
use crate::{
    domain::{AccountFilter, AccountOrder, AccountText, Listed, Slice, TenantId},
    store::{
        StoreError,
        row::Columns,
        slice,
        tenants::{below, upwards},
    },
};

/// What a list is to hold.
pub struct Search<'a> {
    /// The tenant from which the tree is seen: only accounts in it or below it, and none at all if it or one above
    /// it is not active (fact sheet Traffic Ops §7.5). `None`: all accounts.
    pub seen_from: Option<TenantId>,
    /// The conditions.
    pub filters: &'a [AccountFilter],
    /// Order and part.
    pub slice: &'a Slice<AccountOrder>,
    /// Whether change-log rows are counted.
    pub counted: bool,
}

const REACH: &str = concat!(
    "WITH RECURSIVE ",
    upwards!("above", "$1"),
    ", ",
    below!("id = $1 AND (SELECT bool_and(active) FROM above)"),
    " "
);
const WITHIN_REACH: &str = "WHERE ($1::bigint IS NULL OR u.tenant_id IN (SELECT id FROM below))";
const COLUMNS: &str = concat!("SELECT ", account_fields!(), ", ARRAY[]::text[], ");
const COUNTED: &str = "(SELECT count(*) FROM public.log l WHERE l.tm_user = u.id)";
const FROM: &str = concat!(" FROM public.tm_user u", account_joins!());

/// No character of a text means anything to `strpos`; a line feed keeps the three apart.
const CONTAINS: &str = "0 < strpos(lower(concat_ws(E'\\n', u.username, u.email, u.full_name)), lower(";

const HOLDS: &str = "EXISTS (SELECT FROM public.role_capability c WHERE c.role_id = r.id AND c.cap_name = ";

/// The accounts that a search finds, as they come from the database: never more than a few are held at once.
///
/// The statement is put together from literals only; what was asked for goes in as parameters. It is not kept
/// prepared: there are too many forms of it.
///
/// # Errors
/// [`StoreError`] before the first account; later each tells for itself.
pub async fn search<C: GenericClient>(
    client: &C,
    search: &Search<'_>,
) -> Result<impl Stream<Item = Result<Listed, StoreError>> + Send + use<C>, StoreError> {
    let tenant = search.seen_from.map(|tenant| tenant.0);
    let mut values: Vec<&(dyn ToSql + Sync)> = vec![&tenant];
    let mut statement =
        [REACH, COLUMNS, if search.counted { COUNTED } else { "0::bigint" }, FROM, WITHIN_REACH].concat();
    for filter in search.filters {
        let (before, after) = condition(filter);
        values.push(value(filter));
        statement.push_str(&format!(" AND {before}${}{after}", values.len()));
    }
    statement.push_str(&slice::clause(search.slice, order, "u.id", values.len() + 1));
    values.extend([&search.slice.limit as &(dyn ToSql + Sync), &search.slice.offset]);
    let rows = client.query_raw(&statement, values).await?;
    Ok(rows.map(|row| {
        let row = row?;
        let mut columns = Columns::of(&row);
        Ok(Listed { account: read(&mut columns)?, changes: columns.take()? })
    }))
}

/// A condition up to its parameter, and what follows it.
fn condition(filter: &AccountFilter) -> (String, &'static str) {
    let plain = |column: &str| (format!("{column} = "), "");
    match filter {
        AccountFilter::Id(_) => plain("u.id"),
        AccountFilter::NewUser(_) => plain("u.new_user"),
        AccountFilter::Text(AccountText::Email, _) => ("lower(u.email) = lower(".to_owned(), ")"),
        AccountFilter::Text(text, _) => plain(column(*text)),
        AccountFilter::Containing(_) => (CONTAINS.to_owned(), "))"),
        AccountFilter::Permission(_) => (HOLDS.to_owned(), ")"),
    }
}

fn value(filter: &AccountFilter) -> &(dyn ToSql + Sync) {
    match filter {
        AccountFilter::Id(id) => &id.0,
        AccountFilter::NewUser(new) => new,
        AccountFilter::Text(_, text) | AccountFilter::Containing(text) => text,
        AccountFilter::Permission(permission) => &permission.0,
    }
}

fn order(order: AccountOrder) -> &'static str {
    match order {
        AccountOrder::Id => "u.id",
        AccountOrder::NewUser => "u.new_user",
        AccountOrder::Text(text) => column(text),
    }
}

fn column(text: AccountText) -> &'static str {
    match text {
        AccountText::Username => "u.username",
        AccountText::Role => "r.name",
        AccountText::Tenant => "t.name",
        AccountText::Email => "u.email",
        AccountText::FullName => "u.full_name",
        AccountText::Company => "u.company",
        AccountText::City => "u.city",
        AccountText::StateOrProvince => "u.state_or_province",
        AccountText::Country => "u.country",
        AccountText::PostalCode => "u.postal_code",
    }
}

/// When anything that a list of accounts shows was last changed or removed: an account, a role, a tenant.
///
/// It looks at all accounts, not only at those that a list would hold, so that an account that left a list is
/// noticed too. What changes with every sign-in is not counted (fact sheet Traffic Ops §11-25).
///
/// # Errors
/// [`StoreError`].
pub async fn last_change(client: &impl GenericClient) -> Result<OffsetDateTime, StoreError> {
    const SQL: &str = "SELECT greatest('epoch', (SELECT max(last_updated) FROM public.tm_user), \
         (SELECT max(last_updated) FROM public.role), (SELECT max(last_updated) FROM public.tenant), \
         (SELECT max(last_updated) FROM public.last_deleted WHERE table_name IN ('tm_user', 'role', 'tenant')))";
    let statement = client.prepare_cached(SQL).await?;
    Ok(client.query_one(&statement, &[]).await?.try_get(0)?)
}
