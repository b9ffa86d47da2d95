//! Table `tm_user`: accounts.

use deadpool_postgres::GenericClient;
use time::{Duration, OffsetDateTime};
use tokio_postgres::Row;

use super::{StoreError, roles, row::Columns};
use crate::domain::{
    Account, AccountId, EmailAddress, PasswordHash, Profile, Role, Tenant, TenantId, Username,
};

/// The columns that [`read`] takes, for `SELECT` lists over `u` (tm_user), `r` (role) and `t` (tenant).
macro_rules! account_columns {
    () => {
        "u.id, u.username, u.email, u.full_name, u.local_passwd IS NOT NULL, u.new_user, u.registration_sent, \
         u.last_authenticated, u.last_updated, u.ucdn, u.address_line1, u.address_line2, u.city, u.company, \
         u.country, u.gid, u.phone_number, u.postal_code, u.public_ssh_key, u.state_or_province, u.uid, t.id, \
         t.name, r.id, r.name, r.priv_level, \
         ARRAY(SELECT c.cap_name FROM public.role_capability c WHERE c.role_id = r.id)"
    };
}
pub(super) use account_columns;

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

/// What is needed to judge a sign-in.
pub struct Credentials {
    /// Whose they are.
    pub account: AccountId,
    /// The stored hash; none means that no password fits.
    pub hash: Option<PasswordHash>,
    /// The role, for accounts that have one.
    pub role: Option<Role>,
    /// Whether the tenant and all above it are active.
    pub tenant_active: bool,
}

/// The credentials of the account with this user name, compared with case.
pub async fn credentials(
    client: &impl GenericClient,
    username: &str,
) -> Result<Option<Credentials>, StoreError> {
    const SQL: &str = "WITH RECURSIVE up AS (\
           SELECT t.parent_id, t.active FROM public.tm_user u JOIN public.tenant t ON t.id = u.tenant_id \
           WHERE u.username = $1 \
           UNION ALL SELECT t.parent_id, t.active FROM up JOIN public.tenant t ON t.id = up.parent_id) \
         SELECT u.id, u.local_passwd, (SELECT bool_and(active) FROM up), r.id, r.name, r.priv_level, \
           ARRAY[]::text[] \
         FROM public.tm_user u LEFT JOIN public.role r ON r.id = u.role WHERE u.username = $1";
    let statement = client.prepare_cached(SQL).await?;
    let row = client.query_opt(&statement, &[&username]).await?;
    row.map(|row| {
        let mut columns = Columns::of(&row);
        Ok(Credentials {
            account: AccountId(columns.take()?),
            hash: columns.take::<Option<String>>()?.map(PasswordHash::stored),
            tenant_active: columns.take()?,
            role: roles::read(&mut columns)?,
        })
    })
    .transpose()
}

/// The account with this identity.
pub async fn by_id(client: &impl GenericClient, id: AccountId) -> Result<Option<Account>, StoreError> {
    const SQL: &str = concat!(
        "SELECT ",
        account_columns!(),
        " FROM public.tm_user u JOIN public.tenant t ON t.id = u.tenant_id \
          LEFT JOIN public.role r ON r.id = u.role WHERE u.id = $1"
    );
    let statement = client.prepare_cached(SQL).await?;
    client.query_opt(&statement, &[&id.0]).await?.as_ref().map(whole).transpose()
}

/// All accounts, by user name.
pub async fn all(client: &impl GenericClient) -> Result<Vec<Account>, StoreError> {
    const SQL: &str = concat!(
        "SELECT ",
        account_columns!(),
        " FROM public.tm_user u JOIN public.tenant t ON t.id = u.tenant_id \
          LEFT JOIN public.role r ON r.id = u.role ORDER BY u.username"
    );
    client.query(SQL, &[]).await?.iter().map(whole).collect()
}

fn whole(row: &Row) -> Result<Account, StoreError> {
    read(&mut Columns::of(row))
}

/// The account with this user name, compared with case.
pub async fn id_by_username(
    client: &impl GenericClient,
    username: &Username,
) -> Result<Option<AccountId>, StoreError> {
    let statement = client.prepare_cached("SELECT id FROM public.tm_user WHERE username = $1").await?;
    let row = client.query_opt(&statement, &[&username.as_str()]).await?;
    row.map(|row| Ok(AccountId(row.try_get(0)?))).transpose()
}

/// Whether an account has this address, compared without case.
pub async fn email_is_known(client: &impl GenericClient, email: &EmailAddress) -> Result<bool, StoreError> {
    const SQL: &str = "SELECT EXISTS (SELECT FROM public.tm_user WHERE lower(email) = lower($1))";
    let statement = client.prepare_cached(SQL).await?;
    Ok(client.query_one(&statement, &[&email.as_str()]).await?.try_get(0)?)
}

/// How many change-log rows the account has written.
pub async fn change_log_count(client: &impl GenericClient, id: AccountId) -> Result<i64, StoreError> {
    let statement = client.prepare_cached("SELECT count(*) FROM public.log WHERE tm_user = $1").await?;
    Ok(client.query_one(&statement, &[&id.0]).await?.try_get(0)?)
}

/// Whom a letter is for.
pub struct Addressee {
    /// The account.
    pub account: AccountId,
    /// What the holder signs in with.
    pub username: String,
    /// The name people call the holder by.
    pub full_name: Option<String>,
    /// Where the holder's mail goes now.
    pub email: String,
}

/// The holder of an account, if the account has an address.
pub async fn addressee(client: &impl GenericClient, id: AccountId) -> Result<Option<Addressee>, StoreError> {
    const SQL: &str = "SELECT id, username, full_name, email FROM public.tm_user \
         WHERE id = $1 AND email IS NOT NULL";
    let statement = client.prepare_cached(SQL).await?;
    client.query_opt(&statement, &[&id.0]).await?.as_ref().map(read_addressee).transpose()
}

/// The holder of the account with this address, compared without case.
pub async fn addressee_by_email(
    client: &impl GenericClient,
    email: &str,
) -> Result<Option<Addressee>, StoreError> {
    const SQL: &str = "SELECT id, username, full_name, email FROM public.tm_user \
         WHERE lower(email) = lower($1) ORDER BY email = $1 DESC, id LIMIT 1";
    let statement = client.prepare_cached(SQL).await?;
    client.query_opt(&statement, &[&email]).await?.as_ref().map(read_addressee).transpose()
}

fn read_addressee(row: &Row) -> Result<Addressee, StoreError> {
    let mut columns = Columns::of(row);
    Ok(Addressee {
        account: AccountId(columns.take()?),
        username: columns.take()?,
        full_name: columns.take()?,
        email: columns.take()?,
    })
}

/// Replaces the stored hash, if it is still the one that was verified: a better scheme for the same password.
pub async fn rehash(
    client: &impl GenericClient,
    id: AccountId,
    verified: &PasswordHash,
    better: &PasswordHash,
) -> Result<(), StoreError> {
    const SQL: &str = "UPDATE public.tm_user SET local_passwd = $3 WHERE id = $1 AND local_passwd = $2";
    let statement = client.prepare_cached(SQL).await?;
    client.execute(&statement, &[&id.0, &verified.as_str(), &better.as_str()]).await?;
    Ok(())
}

/// Stores a new password. The registration, if one was open, is finished by it.
pub async fn set_password(
    client: &impl GenericClient,
    id: AccountId,
    hash: &PasswordHash,
    now: OffsetDateTime,
) -> Result<(), StoreError> {
    const SQL: &str = "UPDATE public.tm_user SET local_passwd = $2, confirm_local_passwd = NULL, token = NULL, \
         new_user = false, last_updated = $3 WHERE id = $1";
    let statement = client.prepare_cached(SQL).await?;
    client.execute(&statement, &[&id.0, &hash.as_str(), &now]).await?;
    Ok(())
}

/// Stores the fields that the holder may change, and finishes the registration, if one was open.
pub async fn update_own(
    client: &impl GenericClient,
    account: &Account,
    now: OffsetDateTime,
) -> Result<(), StoreError> {
    const SQL: &str = "UPDATE public.tm_user SET username = $2, email = $3, full_name = $4, tenant_id = $5, \
         address_line1 = $6, address_line2 = $7, city = $8, company = $9, country = $10, gid = $11, \
         phone_number = $12, postal_code = $13, public_ssh_key = $14, state_or_province = $15, uid = $16, \
         new_user = false, token = NULL, last_updated = $17 WHERE id = $1";
    let statement = client.prepare_cached(SQL).await?;
    let profile = &account.profile;
    let email = account.email.as_ref().map(EmailAddress::as_str);
    client
        .execute(
            &statement,
            &[
                &account.id.0,
                &account.username.as_str(),
                &email,
                &account.full_name,
                &account.tenant.id.0,
                &profile.address_line1,
                &profile.address_line2,
                &profile.city,
                &profile.company,
                &profile.country,
                &profile.gid,
                &profile.phone_number,
                &profile.postal_code,
                &profile.public_ssh_key,
                &profile.state_or_province,
                &profile.uid,
                &now,
            ],
        )
        .await?;
    Ok(())
}

/// An account to be made.
pub struct NewAccount<'a> {
    /// What the holder signs in with.
    pub username: &'a Username,
    /// Where the holder's mail goes.
    pub email: Option<&'a EmailAddress>,
    /// The name people call the holder by.
    pub full_name: Option<&'a str>,
    /// The stored form of the first password.
    pub hash: Option<&'a PasswordHash>,
    /// What the holder may do.
    pub role: &'a Role,
    /// The tenant the holder belongs to.
    pub tenant: TenantId,
}

/// Makes an account.
pub async fn insert(
    client: &impl GenericClient,
    account: &NewAccount<'_>,
    now: OffsetDateTime,
) -> Result<AccountId, StoreError> {
    const SQL: &str = "INSERT INTO public.tm_user \
         (username, email, full_name, local_passwd, role, tenant_id, new_user, last_updated) \
         VALUES ($1, $2, $3, $4, $5, $6, false, $7) RETURNING id";
    let email = account.email.map(EmailAddress::as_str);
    let hash = account.hash.map(PasswordHash::as_str);
    let username = account.username.as_str();
    let row = client
        .query_one(
            SQL,
            &[&username, &email, &account.full_name, &hash, &account.role.id.0, &account.tenant.0, &now],
        )
        .await?;
    Ok(AccountId(row.try_get(0)?))
}

/// Gives an account another role.
pub async fn set_role(
    client: &impl GenericClient,
    id: AccountId,
    role: &Role,
    now: OffsetDateTime,
) -> Result<(), StoreError> {
    const SQL: &str = "UPDATE public.tm_user SET role = $2, last_updated = $3 WHERE id = $1";
    client.execute(SQL, &[&id.0, &role.id.0, &now]).await?;
    Ok(())
}

/// Whether there is any account at all.
pub async fn any(client: &impl GenericClient) -> Result<bool, StoreError> {
    Ok(client.query_one("SELECT EXISTS (SELECT FROM public.tm_user)", &[]).await?.try_get(0)?)
}

/// How stale `last_authenticated` may get, so that a login storm doesn't write the same row each time.
pub(super) const SIGN_IN_NOTED_EVERY: Duration = Duration::minutes(1);
