//! What is written into an account, and how one begins.

use time::OffsetDateTime;
use tokio_postgres::types::ToSql;

use crate::{
    domain::{Account, AccountId, EmailAddress, PasswordHash, Profile, Role, TenantId, Username},
    store::{GenericClient, StoreError},
};

/// Replaces the stored hash, if it is still the one that was verified: a better scheme for the same password.
///
/// # Errors
/// [`StoreError`].
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
///
/// # Errors
/// [`StoreError`].
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

/// Takes the password away: until a new one is stored, none fits.
///
/// # Errors
/// [`StoreError`].
pub async fn clear_password(
    client: &impl GenericClient,
    id: AccountId,
    now: OffsetDateTime,
) -> Result<(), StoreError> {
    const SQL: &str = "UPDATE public.tm_user SET local_passwd = NULL, confirm_local_passwd = NULL, token = NULL, \
         last_updated = $2 WHERE id = $1";
    let statement = client.prepare_cached(SQL).await?;
    client.execute(&statement, &[&id.0, &now]).await?;
    Ok(())
}

/// The beginning of a statement that stores what [`common`] binds.
macro_rules! update_common {
    () => {
        "UPDATE public.tm_user SET username = $2, email = $3, full_name = $4, tenant_id = $5, \
         address_line1 = $6, address_line2 = $7, city = $8, company = $9, country = $10, gid = $11, \
         phone_number = $12, postal_code = $13, public_ssh_key = $14, state_or_province = $15, uid = $16, \
         last_updated = $17"
    };
}

/// The texts of an account as parameters.
struct Texts<'a>(&'a str, Option<&'a str>);

fn common<'a>(
    account: &'a Account,
    Texts(username, email): &'a Texts<'a>,
    now: &'a OffsetDateTime,
) -> Vec<&'a (dyn ToSql + Sync)> {
    let profile = &account.profile;
    vec![
        &account.id.0,
        username,
        email,
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
        now,
    ]
}

fn texts(account: &Account) -> Texts<'_> {
    Texts(account.username.as_str(), account.email.as_ref().map(EmailAddress::as_str))
}

/// Stores the fields that the holder may change, and finishes the registration, if one was open.
///
/// # Errors
/// [`StoreError::Taken`] when another account has the user name or the address, and the others of [`StoreError`].
pub async fn update_own(
    client: &impl GenericClient,
    account: &Account,
    now: OffsetDateTime,
) -> Result<(), StoreError> {
    const SQL: &str = concat!(update_common!(), ", new_user = false, token = NULL WHERE id = $1");
    let statement = client.prepare_cached(SQL).await?;
    client.execute(&statement, &common(account, &texts(account), &now)).await?;
    Ok(())
}

/// Stores everything that an administrator may change: all but the password.
///
/// # Errors
/// As [`update_own`].
pub async fn update(
    client: &impl GenericClient,
    account: &Account,
    now: OffsetDateTime,
) -> Result<(), StoreError> {
    const SQL: &str = concat!(update_common!(), ", role = $18, new_user = $19, ucdn = $20 WHERE id = $1");
    let statement = client.prepare_cached(SQL).await?;
    let (texts, role) = (texts(account), account.role.as_ref().map(|role| role.id.0));
    let mut values = common(account, &texts, &now);
    values.extend([&role as &(dyn ToSql + Sync), &account.new_user, &account.ucdn]);
    client.execute(&statement, &values).await?;
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
    /// The free fields.
    pub profile: &'a Profile,
    /// The upstream CDN the account acts for, `""` for none.
    pub ucdn: &'a str,
    /// Whether the holder has yet to finish the registration.
    pub new_user: bool,
    /// When the invitation was sent, if the account begins with one.
    pub registration_sent: Option<OffsetDateTime>,
}

/// Makes an account.
///
/// # Errors
/// As [`update_own`].
pub async fn insert(
    client: &impl GenericClient,
    account: &NewAccount<'_>,
    now: OffsetDateTime,
) -> Result<AccountId, StoreError> {
    const SQL: &str = "INSERT INTO public.tm_user \
         (username, email, full_name, local_passwd, role, tenant_id, ucdn, new_user, registration_sent, \
          last_updated, address_line1, address_line2, city, company, country, gid, phone_number, postal_code, \
          public_ssh_key, state_or_province, uid) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21) \
         RETURNING id";
    let statement = client.prepare_cached(SQL).await?;
    let (email, hash) = (account.email.map(EmailAddress::as_str), account.hash.map(PasswordHash::as_str));
    let (username, profile) = (account.username.as_str(), account.profile);
    let values: [&(dyn ToSql + Sync); 21] = [
        &username,
        &email,
        &account.full_name,
        &hash,
        &account.role.id.0,
        &account.tenant.0,
        &account.ucdn,
        &account.new_user,
        &account.registration_sent,
        &now,
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
    ];
    Ok(AccountId(client.query_one(&statement, &values).await?.try_get(0)?))
}

/// Opens a registration again, with the role and tenant of the newer invitation.
///
/// # Errors
/// [`StoreError`].
pub async fn renew(
    client: &impl GenericClient,
    id: AccountId,
    role: &Role,
    tenant: TenantId,
    now: OffsetDateTime,
) -> Result<(), StoreError> {
    const SQL: &str = "UPDATE public.tm_user SET role = $2, tenant_id = $3, new_user = true, token = NULL, \
         registration_sent = $4, last_updated = $4 WHERE id = $1";
    let statement = client.prepare_cached(SQL).await?;
    client.execute(&statement, &[&id.0, &role.id.0, &tenant.0, &now]).await?;
    Ok(())
}

/// Gives an account another role.
///
/// # Errors
/// [`StoreError`].
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
