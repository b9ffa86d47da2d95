//! Table `tm_user`, as letters see it: who gets one, and where.

use std::collections::HashMap;

use tokio_postgres::Row;

use super::{GenericClient, StoreError, row::Columns};
use crate::domain::{AccountId, EmailAddress, Role};

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

impl Addressee {
    /// Somebody who is known by an address only: the number is nobody's.
    pub fn stranger(email: &str) -> Self {
        Self { account: AccountId(0), username: email.to_owned(), full_name: None, email: email.to_owned() }
    }
}

/// The holder of an account, if the account has an address.
///
/// # Errors
/// [`StoreError`].
pub async fn of(client: &impl GenericClient, id: AccountId) -> Result<Option<Addressee>, StoreError> {
    const SQL: &str = "SELECT id, username, full_name, email FROM public.tm_user \
         WHERE id = $1 AND email IS NOT NULL";
    let statement = client.prepare_cached(SQL).await?;
    client.query_opt(&statement, &[&id.0]).await?.as_ref().map(whole).transpose()
}

/// The account that somebody means who wrote an e-mail address or a user name, compared without case: addresses
/// come first, then names as they are written. Accounts that may not sign in are nobody's.
///
/// Source: fact sheet Buddha Jones C16, C19.
macro_rules! named {
    ($columns:literal, $name:literal) => {
        concat!(
            "SELECT ",
            $columns,
            " FROM public.tm_user u JOIN public.role r ON r.id = u.role AND r.name <> $2 \
             WHERE lower(u.email) = lower(",
            $name,
            ") OR lower(u.username) = lower(",
            $name,
            ") ORDER BY lower(u.email) IS NOT DISTINCT FROM lower(",
            $name,
            ") DESC, u.email IS NOT DISTINCT FROM ",
            $name,
            " DESC, u.username = ",
            $name,
            " DESC, u.id LIMIT 1"
        )
    };
}

/// The holder of the account of this name, who is to get a letter; `None` without an account or an address.
///
/// # Errors
/// [`StoreError`].
pub async fn named(client: &impl GenericClient, name: &str) -> Result<Option<Addressee>, StoreError> {
    let statement = client.prepare_cached(named!("u.id, u.username, u.full_name, u.email", "$1")).await?;
    let row = client.query_opt(&statement, &[&name, &Role::DISALLOWED]).await?;
    match row {
        Some(row) if row.try_get::<_, Option<&str>>(3)?.is_some() => Ok(Some(whole(&row)?)),
        _ => Ok(None),
    }
}

/// As [`named()`], for many at once: each number with the holder of the account of its name.
///
/// # Errors
/// [`StoreError`].
pub async fn named_all(
    client: &impl GenericClient,
    names: &[(i64, &str)],
) -> Result<HashMap<i64, Addressee>, StoreError> {
    const SQL: &str = concat!(
        "SELECT wanted.number, found.* FROM unnest($1::bigint[], $3::text[]) AS wanted (number, name) \
         CROSS JOIN LATERAL (",
        named!("u.id, u.username, u.full_name, u.email", "wanted.name"),
        ") AS found WHERE found.email IS NOT NULL"
    );
    let (numbers, names): (Vec<i64>, Vec<&str>) = names.iter().copied().unzip();
    let statement = client.prepare_cached(SQL).await?;
    let rows = client.query(&statement, &[&numbers, &Role::DISALLOWED, &names]).await?;
    rows.iter()
        .map(|row| {
            let mut columns = Columns::of(row);
            Ok((columns.take()?, read(&mut columns)?))
        })
        .collect()
}

/// Whether the account of this name has an address; `None` without an account.
///
/// # Errors
/// [`StoreError`].
pub async fn has_email(client: &impl GenericClient, name: &str) -> Result<Option<bool>, StoreError> {
    let statement = client.prepare_cached(named!("u.email IS NOT NULL", "$1")).await?;
    let row = client.query_opt(&statement, &[&name, &Role::DISALLOWED]).await?;
    row.map(|row| Ok(row.try_get(0)?)).transpose()
}

/// The account with this address, compared without case, if it may sign in.
///
/// # Errors
/// [`StoreError`].
pub async fn account_at(
    client: &impl GenericClient,
    email: &EmailAddress,
) -> Result<Option<AccountId>, StoreError> {
    const SQL: &str = "SELECT u.id FROM public.tm_user u JOIN public.role r ON r.id = u.role AND r.name <> $2 \
         WHERE lower(u.email) = lower($1) ORDER BY u.email = $1 DESC, u.id LIMIT 1";
    let statement = client.prepare_cached(SQL).await?;
    let row = client.query_opt(&statement, &[&email.as_str(), &Role::DISALLOWED]).await?;
    row.map(|row| Ok(AccountId(row.try_get(0)?))).transpose()
}

/// Locks an account until the end of the transaction: two who change what opens it take turns.
///
/// # Errors
/// [`StoreError`]; [`StoreError::Unavailable`] also when somebody else holds the account for too long.
pub async fn lock(client: &impl GenericClient, id: AccountId) -> Result<(), StoreError> {
    const SQL: &str = "SELECT FROM public.tm_user WHERE id = $1 FOR NO KEY UPDATE";
    let statement = client.prepare_cached(SQL).await?;
    client.execute(&statement, &[&id.0]).await?;
    Ok(())
}

/// As [`lock`], for many; in one order, so that nobody waits in a circle.
///
/// # Errors
/// As [`lock`].
pub async fn lock_all(client: &impl GenericClient, ids: &[i64]) -> Result<(), StoreError> {
    const SQL: &str = "SELECT FROM public.tm_user WHERE id = ANY ($1) ORDER BY id FOR NO KEY UPDATE";
    let statement = client.prepare_cached(SQL).await?;
    client.execute(&statement, &[&ids]).await?;
    Ok(())
}

fn whole(row: &Row) -> Result<Addressee, StoreError> {
    read(&mut Columns::of(row))
}

/// Reads account, user name, full name and address.
pub(super) fn read(columns: &mut Columns<'_>) -> Result<Addressee, StoreError> {
    Ok(Addressee {
        account: AccountId(columns.take()?),
        username: columns.take()?,
        full_name: columns.take()?,
        email: columns.take()?,
    })
}
