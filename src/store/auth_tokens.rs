//! Table `latchkey.auth_token`: the tokens of the contracts that have one for each account.

use time::OffsetDateTime;

use super::{
    GenericClient, StoreError,
    accounts::{self, account_columns, account_joins, holder_signing_in},
    row::Columns,
};
use crate::domain::{Account, AccountId, AuthTokenId, Digest, PasswordHash};

/// A token to be issued.
pub struct NewToken<'a> {
    /// Whose it is.
    pub account: AccountId,
    /// The contract it is good in.
    pub dialect: &'a str,
    /// Digest of the token that the client gets.
    pub digest: &'a Digest,
    /// When it ends; `None` is never.
    pub expires_at: Option<OffsetDateTime>,
}

/// Issues a token in the place of the account's earlier one in this contract, and notes the sign-in, if the
/// password is still the one that was verified and the tenant is active. Returns whether it was issued.
///
/// # Errors
/// [`StoreError`]; [`StoreError::Unavailable`] also when the password is being changed for too long.
pub async fn issue(
    client: &impl GenericClient,
    token: &NewToken<'_>,
    verified: &PasswordHash,
    now: OffsetDateTime,
) -> Result<bool, StoreError> {
    const SQL: &str = concat!(
        "WITH ",
        holder_signing_in!("$1", "$6", "$5", "$7"),
        " INSERT INTO latchkey.auth_token (account_id, dialect, digest, issued_at, expires_at) \
         SELECT id, $2, $3, $5, $4 FROM holder \
         ON CONFLICT ON CONSTRAINT auth_token_one_active DO UPDATE \
         SET digest = EXCLUDED.digest, issued_at = EXCLUDED.issued_at, expires_at = EXCLUDED.expires_at"
    );
    let statement = client.prepare_cached(SQL).await?;
    let stale = now - accounts::SIGN_IN_NOTED_EVERY;
    let issued = client
        .execute(
            &statement,
            &[
                &token.account.0,
                &token.dialect,
                &token.digest.0.as_slice(),
                &token.expires_at,
                &now,
                &verified.as_str(),
                &stale,
            ],
        )
        .await?;
    Ok(issued == 1)
}

/// A token that was found, and whose it is.
pub struct Found {
    /// The row's identity.
    pub id: AuthTokenId,
    /// When it ends; `None` is never.
    pub expires_at: Option<OffsetDateTime>,
    /// The holder, with role and tenant.
    pub account: Account,
}

/// The token with this digest, if it is good in this contract.
///
/// # Errors
/// [`StoreError`].
pub async fn by_digest(
    client: &impl GenericClient,
    digest: &Digest,
    dialect: &str,
    now: OffsetDateTime,
) -> Result<Option<Found>, StoreError> {
    const SQL: &str = concat!(
        "SELECT k.id, k.expires_at, ",
        account_columns!(),
        " FROM latchkey.auth_token k JOIN public.tm_user u ON u.id = k.account_id",
        account_joins!(),
        "WHERE k.digest = $1 AND k.dialect = $2 AND (k.expires_at IS NULL OR k.expires_at > $3)"
    );
    let statement = client.prepare_cached(SQL).await?;
    let row = client.query_opt(&statement, &[&digest.0.as_slice(), &dialect, &now]).await?;
    row.map(|row| {
        let mut columns = Columns::of(&row);
        Ok(Found {
            id: AuthTokenId(columns.take()?),
            expires_at: columns.take()?,
            account: accounts::read(&mut columns)?,
        })
    })
    .transpose()
}

/// Ends the token with this digest, if there is one in this contract.
///
/// # Errors
/// [`StoreError`].
pub async fn end(client: &impl GenericClient, digest: &Digest, dialect: &str) -> Result<(), StoreError> {
    const SQL: &str = "DELETE FROM latchkey.auth_token WHERE digest = $1 AND dialect = $2";
    let statement = client.prepare_cached(SQL).await?;
    client.execute(&statement, &[&digest.0.as_slice(), &dialect]).await?;
    Ok(())
}

/// Ends one token.
///
/// # Errors
/// [`StoreError`].
pub async fn end_by_id(client: &impl GenericClient, id: AuthTokenId) -> Result<(), StoreError> {
    let statement = client.prepare_cached("DELETE FROM latchkey.auth_token WHERE id = $1").await?;
    client.execute(&statement, &[&id.0]).await?;
    Ok(())
}

/// Whether a token has not been ended.
///
/// # Errors
/// [`StoreError`].
pub async fn lives(client: &impl GenericClient, id: AuthTokenId) -> Result<bool, StoreError> {
    let statement = client.prepare_cached("SELECT FROM latchkey.auth_token WHERE id = $1").await?;
    Ok(client.query_opt(&statement, &[&id.0]).await?.is_some())
}

/// Ends the tokens of an account in every contract.
///
/// # Errors
/// [`StoreError`].
pub async fn end_all(client: &impl GenericClient, account: AccountId) -> Result<(), StoreError> {
    let statement = client.prepare_cached("DELETE FROM latchkey.auth_token WHERE account_id = $1").await?;
    client.execute(&statement, &[&account.0]).await?;
    Ok(())
}
