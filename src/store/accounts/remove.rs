//! The end of an account.

use time::OffsetDateTime;
use tokio_postgres::error::SqlState;

use crate::{
    domain::{Account, AccountId, Role},
    store::{GenericClient, StoreError, last_deleted},
};

/// How a removal ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Removal {
    /// The account is gone.
    Done,
    /// Rows of this table, which is none of ours, belong to the account: nothing was removed, and the transaction
    /// can only be given up.
    InUse(String),
}

/// Removes an account with its sessions, tokens and keys; letters to it are not sent any more.
///
/// What the account wrote into the change log stays. `latchkey.removed_account` keeps the name that its number
/// stands for there.
///
/// # Errors
/// [`StoreError`]. What holds on to the account is an outcome, no error.
pub async fn remove(
    client: &impl GenericClient,
    account: &Account,
    by: Option<AccountId>,
    now: OffsetDateTime,
) -> Result<Removal, StoreError> {
    const SQL: &str = "WITH kept AS (INSERT INTO latchkey.removed_account \
           (id, username, full_name, removed_at, removed_by) VALUES ($1, $2, $3, $4, $5)) \
         DELETE FROM public.tm_user WHERE id = $1";
    let statement = client.prepare_cached(SQL).await?;
    let (username, by) = (account.username.as_str(), by.map(|by| by.0));
    let removed =
        client.execute(&statement, &[&account.id.0, &username, &account.full_name, &now, &by]).await;
    match removed {
        Ok(_) => {
            last_deleted::note(client, "tm_user", now).await?;
            Ok(Removal::Done)
        }
        Err(error) if error.code() == Some(&SqlState::FOREIGN_KEY_VIOLATION) => {
            let table = error.as_db_error().and_then(|report| report.table()).unwrap_or("another table");
            Ok(Removal::InUse(table.to_owned()))
        }
        Err(error) => Err(error.into()),
    }
}

/// How many accounts but this one may do everything and can sign in. All that may do everything stay locked until
/// the end of the transaction, so that of two that remove each other only one succeeds.
///
/// # Errors
/// [`StoreError`]; [`StoreError::Unavailable`] also when somebody else holds one of them for too long.
pub async fn other_administrators(client: &impl GenericClient, but: AccountId) -> Result<usize, StoreError> {
    const SQL: &str = "SELECT u.id, u.local_passwd IS NOT NULL FROM public.tm_user u \
         JOIN public.role r ON r.id = u.role WHERE r.name = $1 ORDER BY u.id FOR UPDATE OF u";
    let statement = client.prepare_cached(SQL).await?;
    let rows = client.query(&statement, &[&Role::ADMIN]).await?;
    let mut others = 0;
    for row in rows {
        let (id, has_password): (i64, bool) = (row.try_get(0)?, row.try_get(1)?);
        others += usize::from(id != but.0 && has_password);
    }
    Ok(others)
}
