//! Table `tm_user`: accounts.

mod credentials;
mod remove;
mod search;
mod write;

use time::{Duration, OffsetDateTime};
use tokio_postgres::Row;

use super::{GenericClient, StoreError, roles, row::Columns};
use crate::domain::{Account, AccountId, EmailAddress, Profile, Tenant, TenantId, Username};
pub use credentials::{
    Credentials, Here, Judged, Sought, account_subject, by_either, by_email, by_username, place_subject,
    tenant_is_active,
};
pub use remove::{Removal, other_administrators, remove};
pub use search::{Search, last_change, search};
pub use write::{
    NewAccount, clear_password, insert, rehash, renew, set_password, set_role, update, update_own,
};

/// The columns of `account_columns!` without the permissions of the role.
macro_rules! account_fields {
    () => {
        "u.id, u.username, u.email, u.full_name, u.local_passwd IS NOT NULL, u.new_user, u.registration_sent, \
         u.last_authenticated, u.last_updated, u.ucdn, u.address_line1, u.address_line2, u.city, u.company, \
         u.country, u.gid, u.phone_number, u.postal_code, u.public_ssh_key, u.state_or_province, u.uid, t.id, \
         t.name, r.id, r.name, r.priv_level"
    };
}
pub(super) use account_fields;

/// The columns that [`read`] takes, for `SELECT` lists over `u` (tm_user), `r` (role) and `t` (tenant).
macro_rules! account_columns {
    () => {
        concat!($crate::store::accounts::account_fields!(), ", ", $crate::store::roles::granted!())
    };
}
pub(super) use account_columns;

/// What the columns of `account_columns!` are taken from besides `u`.
macro_rules! account_joins {
    () => {
        " JOIN public.tenant t ON t.id = u.tenant_id LEFT JOIN public.role r ON r.id = u.role "
    };
}
pub(super) use account_joins;

/// Whole accounts: those that the end of the statement says.
macro_rules! accounts {
    ($end:literal) => {
        concat!("SELECT ", account_columns!(), " FROM public.tm_user u", account_joins!(), $end)
    };
}

/// Reads the columns of `account_columns!`.
pub(super) fn read(columns: &mut Columns<'_>) -> Result<Account, StoreError> {
    Ok(Account {
        id: AccountId(columns.take()?),
        username: Username::stored(columns.take()?),
        email: columns.take::<Option<String>>()?.map(EmailAddress::stored),
        full_name: columns.take()?,
        has_password: columns.take()?,
        new_user: columns.take()?,
        registration_sent: columns.take()?,
        last_authenticated: columns.take()?,
        last_updated: columns.take()?,
        ucdn: columns.take()?,
        profile: read_profile(columns)?,
        tenant: Tenant { id: TenantId(columns.take()?), name: columns.take()? },
        role: roles::read(columns)?,
    })
}

fn read_profile(columns: &mut Columns<'_>) -> Result<Profile, StoreError> {
    Ok(Profile {
        address_line1: columns.take()?,
        address_line2: columns.take()?,
        city: columns.take()?,
        company: columns.take()?,
        country: columns.take()?,
        gid: columns.take()?,
        phone_number: columns.take()?,
        postal_code: columns.take()?,
        public_ssh_key: columns.take()?,
        state_or_province: columns.take()?,
        uid: columns.take()?,
    })
}

/// The account with this identity.
///
/// # Errors
/// [`StoreError`].
pub async fn by_id(client: &impl GenericClient, id: AccountId) -> Result<Option<Account>, StoreError> {
    let statement = client.prepare_cached(accounts!("WHERE u.id = $1")).await?;
    client.query_opt(&statement, &[&id.0]).await?.as_ref().map(whole).transpose()
}

/// The account with this identity, locked until the end of the transaction: nobody changes it meanwhile.
///
/// # Errors
/// [`StoreError`]; [`StoreError::Unavailable`] also when somebody else holds the account for too long.
pub async fn locked(client: &impl GenericClient, id: AccountId) -> Result<Option<Account>, StoreError> {
    let statement = client.prepare_cached(accounts!("WHERE u.id = $1 FOR UPDATE OF u")).await?;
    client.query_opt(&statement, &[&id.0]).await?.as_ref().map(whole).transpose()
}

/// All accounts, by user name.
///
/// # Errors
/// [`StoreError`].
pub async fn all(client: &impl GenericClient) -> Result<Vec<Account>, StoreError> {
    client.query(accounts!("ORDER BY u.username"), &[]).await?.iter().map(whole).collect()
}

fn whole(row: &Row) -> Result<Account, StoreError> {
    read(&mut Columns::of(row))
}

/// The account with this user name, compared with case.
///
/// # Errors
/// [`StoreError`].
pub async fn id_by_username(
    client: &impl GenericClient,
    username: &Username,
) -> Result<Option<AccountId>, StoreError> {
    let statement = client.prepare_cached("SELECT id FROM public.tm_user WHERE username = $1").await?;
    let row = client.query_opt(&statement, &[&username.as_str()]).await?;
    row.map(|row| Ok(AccountId(row.try_get(0)?))).transpose()
}

/// The account with this address, compared without case; of several in an adopted database the one that spells it so.
///
/// # Errors
/// [`StoreError`].
pub async fn id_by_email(
    client: &impl GenericClient,
    email: &EmailAddress,
) -> Result<Option<AccountId>, StoreError> {
    const SQL: &str = "SELECT id FROM public.tm_user WHERE lower(email) = lower($1) \
         ORDER BY email = $1 DESC, id LIMIT 1";
    let statement = client.prepare_cached(SQL).await?;
    let row = client.query_opt(&statement, &[&email.as_str()]).await?;
    row.map(|row| Ok(AccountId(row.try_get(0)?))).transpose()
}

/// What somebody may sign in to an account with: its user name, and its address if it has one.
///
/// # Errors
/// [`StoreError`].
pub async fn names(client: &impl GenericClient, id: AccountId) -> Result<Vec<String>, StoreError> {
    const SQL: &str = "SELECT username FROM public.tm_user WHERE id = $1 \
         UNION ALL SELECT email FROM public.tm_user WHERE id = $1 AND email IS NOT NULL";
    let statement = client.prepare_cached(SQL).await?;
    client.query(&statement, &[&id.0]).await?.iter().map(|row| Ok(row.try_get(0)?)).collect()
}

/// How many change-log rows the account has written.
///
/// # Errors
/// [`StoreError`].
pub async fn change_log_count(client: &impl GenericClient, id: AccountId) -> Result<i64, StoreError> {
    let statement = client.prepare_cached("SELECT count(*) FROM public.log WHERE tm_user = $1").await?;
    Ok(client.query_one(&statement, &[&id.0]).await?.try_get(0)?)
}

/// Whether there is any account at all.
///
/// # Errors
/// [`StoreError`].
pub async fn any(client: &impl GenericClient) -> Result<bool, StoreError> {
    Ok(client.query_one("SELECT EXISTS (SELECT FROM public.tm_user)", &[]).await?.try_get(0)?)
}

/// How stale `last_authenticated` may get, so that a login storm doesn't write the same row each time.
pub(super) const SIGN_IN_NOTED_EVERY: Duration = Duration::minutes(1);

/// Parts of a `WITH`: `holder`, the account `$account` if its password is still `$verified` and its tenant active, and a note of its sign-in at
/// `$now`, unless another one was noted since `$stale`. The lock makes a change of the password wait, and then end what
/// is issued here, or be seen here.
macro_rules! holder_signing_in {
    ($account:literal, $verified:literal, $now:literal, $stale:literal) => {
        concat!(
            "holder AS (SELECT id, last_authenticated FROM public.tm_user WHERE id = ",
            $account,
            " AND local_passwd = ",
            $verified,
            " AND ",
            crate::store::tenants::awake!("tm_user.tenant_id"),
            " FOR NO KEY UPDATE), \
             noted AS (UPDATE public.tm_user u SET last_authenticated = ",
            $now,
            " FROM holder WHERE u.id = holder.id \
               AND (holder.last_authenticated IS NULL OR holder.last_authenticated < ",
            $stale,
            "))"
        )
    };
}
pub(super) use holder_signing_in;

/// Notes a sign-in, unless another one was noted within a minute. In no transaction with anything else of the account.
///
/// # Errors
/// [`StoreError`].
pub async fn note_sign_in(
    client: &impl GenericClient,
    id: AccountId,
    now: OffsetDateTime,
) -> Result<(), StoreError> {
    const SQL: &str = "UPDATE public.tm_user SET last_authenticated = $2 \
         WHERE id = $1 AND (last_authenticated IS NULL OR last_authenticated < $3)";
    let statement = client.prepare_cached(SQL).await?;
    client.execute(&statement, &[&id.0, &now, &(now - SIGN_IN_NOTED_EVERY)]).await?;
    Ok(())
}

/// As [`note_sign_in`], of several accounts; one that is being changed at this moment is left out.
///
/// # Errors
/// [`StoreError`].
pub async fn note_sign_ins(
    client: &impl GenericClient,
    ids: &[AccountId],
    now: OffsetDateTime,
) -> Result<(), StoreError> {
    const SQL: &str = "UPDATE public.tm_user SET last_authenticated = $2 \
         WHERE id IN (SELECT id FROM public.tm_user WHERE id = ANY ($1) \
           AND (last_authenticated IS NULL OR last_authenticated < $3) FOR NO KEY UPDATE SKIP LOCKED)";
    let statement = client.prepare_cached(SQL).await?;
    let ids: Vec<_> = ids.iter().map(|id| id.0).collect();
    client.execute(&statement, &[&ids, &now, &(now - SIGN_IN_NOTED_EVERY)]).await?;
    Ok(())
}
