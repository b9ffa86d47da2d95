//! Tables `latchkey.token_family` and `latchkey.access_token`: what clients carry instead of a password.

use time::OffsetDateTime;

use super::{
    GenericClient, StoreError,
    accounts::{self, holder_signing_in},
    row::Columns,
};
use crate::domain::{AccountId, ClientId, Digest, PasswordHash, TokenFamilyId};

/// A family to be founded.
pub struct NewFamily<'a> {
    /// The client that was granted it.
    pub client: &'a ClientId,
    /// From then on its tokens can't be refreshed.
    pub refreshable_until: OffsetDateTime,
}

/// Founds a family of the client's own tokens; `None` when the client was removed meanwhile.
///
/// # Errors
/// [`StoreError`].
pub async fn found_for_client(
    client: &impl GenericClient,
    family: &NewFamily<'_>,
    now: OffsetDateTime,
) -> Result<Option<TokenFamilyId>, StoreError> {
    const SQL: &str = "INSERT INTO latchkey.token_family (client_id, granted_at, refreshable_until) \
         SELECT id, $2, $3 FROM latchkey.oauth_client WHERE id = $1 FOR KEY SHARE RETURNING id";
    let statement = client.prepare_cached(SQL).await?;
    let values: [&(dyn tokio_postgres::types::ToSql + Sync); 3] =
        [&family.client.as_str(), &now, &family.refreshable_until];
    let row = client.query_opt(&statement, &values).await?;
    row.map(|row| Ok(TokenFamilyId(row.try_get(0)?))).transpose()
}

/// Founds a family of an account's tokens and notes the sign-in; `None` when the password is not the one any more
/// that was verified, the tenant is not active any more, or the client was removed meanwhile.
///
/// # Errors
/// [`StoreError`]; [`StoreError::Unavailable`] also when the password is being changed for too long.
pub async fn found_for_account(
    client: &impl GenericClient,
    family: &NewFamily<'_>,
    account: AccountId,
    verified: &PasswordHash,
    now: OffsetDateTime,
) -> Result<Option<TokenFamilyId>, StoreError> {
    const SQL: &str = concat!(
        "WITH ",
        holder_signing_in!("$2", "$3", "$4", "$6"),
        " INSERT INTO latchkey.token_family (client_id, account_id, granted_at, refreshable_until) \
         SELECT c.id, holder.id, $4, $5 FROM holder JOIN latchkey.oauth_client c ON c.id = $1 \
         FOR KEY SHARE OF c RETURNING id"
    );
    let statement = client.prepare_cached(SQL).await?;
    let stale = now - accounts::SIGN_IN_NOTED_EVERY;
    let values: [&(dyn tokio_postgres::types::ToSql + Sync); 6] =
        [&family.client.as_str(), &account.0, &verified.as_str(), &now, &family.refreshable_until, &stale];
    let row = client.query_opt(&statement, &values).await?;
    row.map(|row| Ok(TokenFamilyId(row.try_get(0)?))).transpose()
}

/// A token pair to be stored.
pub struct NewToken<'a> {
    /// Where it belongs.
    pub family: TokenFamilyId,
    /// Digest of the access token.
    pub digest: &'a Digest,
    /// Digest of the refresh token.
    pub refresh_digest: &'a Digest,
    /// From then on the access token is dead.
    pub expires_at: OffsetDateTime,
}

/// Stores a token pair.
///
/// # Errors
/// [`StoreError`].
pub async fn insert(
    client: &impl GenericClient,
    token: &NewToken<'_>,
    now: OffsetDateTime,
) -> Result<(), StoreError> {
    const SQL: &str = "INSERT INTO latchkey.access_token (digest, family_id, refresh_digest, issued_at, expires_at) \
         VALUES ($1, $2, $3, $4, $5)";
    let statement = client.prepare_cached(SQL).await?;
    let (digest, refresh_digest) = (token.digest.0.as_slice(), token.refresh_digest.0.as_slice());
    client.execute(&statement, &[&digest, &token.family.0, &refresh_digest, &now, &token.expires_at]).await?;
    Ok(())
}

/// A live access token.
pub struct Found {
    /// Its family.
    pub family: TokenFamilyId,
    /// Whose it is; `None`: the client's own.
    pub account: Option<AccountId>,
    /// From then on it is dead.
    pub expires_at: OffsetDateTime,
}

/// The live access token with this digest.
///
/// # Errors
/// [`StoreError`].
pub async fn by_digest(
    client: &impl GenericClient,
    digest: &Digest,
    now: OffsetDateTime,
) -> Result<Option<Found>, StoreError> {
    const SQL: &str = "SELECT f.id, f.account_id, t.expires_at FROM latchkey.access_token t \
         JOIN latchkey.token_family f ON f.id = t.family_id \
         WHERE t.digest = $1 AND t.expires_at > $2 AND t.rotated_at IS NULL";
    let statement = client.prepare_cached(SQL).await?;
    let row = client.query_opt(&statement, &[&digest.0.as_slice(), &now]).await?;
    row.map(|row| {
        let mut columns = Columns::of(&row);
        Ok(Found {
            family: TokenFamilyId(columns.take()?),
            account: columns.take::<Option<i64>>()?.map(AccountId),
            expires_at: columns.take()?,
        })
    })
    .transpose()
}

/// The family of a refresh token, locked until the end of the transaction.
pub struct Held {
    /// The family.
    pub family: TokenFamilyId,
    /// Whose it is; `None`: the client's own.
    pub account: Option<AccountId>,
    /// From then on its tokens can't be refreshed.
    pub refreshable_until: OffsetDateTime,
}

/// Locks the family that a refresh token of this client belongs to, whether the token was used before or not.
///
/// The family comes first: those who bring one token at the same time take turns, and whoever revokes the family
/// then waits for nobody.
///
/// # Errors
/// [`StoreError`]; [`StoreError::Unavailable`] also when somebody else holds the family for too long.
pub async fn hold(
    client: &impl GenericClient,
    of: &ClientId,
    refresh_digest: &Digest,
) -> Result<Option<Held>, StoreError> {
    const SQL: &str = "SELECT f.id, f.account_id, f.refreshable_until FROM latchkey.token_family f \
         JOIN latchkey.access_token t ON t.family_id = f.id \
         WHERE t.refresh_digest = $2 AND f.client_id = $1 FOR UPDATE OF f";
    let statement = client.prepare_cached(SQL).await?;
    let row = client.query_opt(&statement, &[&of.as_str(), &refresh_digest.0.as_slice()]).await?;
    row.map(|row| {
        let mut columns = Columns::of(&row);
        Ok(Held {
            family: TokenFamilyId(columns.take()?),
            account: columns.take::<Option<i64>>()?.map(AccountId),
            refreshable_until: columns.take()?,
        })
    })
    .transpose()
}

/// Uses up a refresh token whose family is held, and the access token that went with it. Returns whether it was
/// unused.
///
/// # Errors
/// [`StoreError`].
pub async fn rotate(
    client: &impl GenericClient,
    refresh_digest: &Digest,
    now: OffsetDateTime,
) -> Result<bool, StoreError> {
    const SQL: &str = "UPDATE latchkey.access_token SET rotated_at = $2 \
         WHERE refresh_digest = $1 AND rotated_at IS NULL";
    let statement = client.prepare_cached(SQL).await?;
    Ok(client.execute(&statement, &[&refresh_digest.0.as_slice(), &now]).await? == 1)
}

/// Revokes a family: each of its tokens.
///
/// # Errors
/// [`StoreError`].
pub async fn end(client: &impl GenericClient, id: TokenFamilyId) -> Result<(), StoreError> {
    let statement = client.prepare_cached("DELETE FROM latchkey.token_family WHERE id = $1").await?;
    client.execute(&statement, &[&id.0]).await?;
    Ok(())
}

/// Whether the family was not revoked.
///
/// # Errors
/// [`StoreError`].
pub async fn lives(client: &impl GenericClient, id: TokenFamilyId) -> Result<bool, StoreError> {
    const SQL: &str = "SELECT EXISTS (SELECT FROM latchkey.token_family WHERE id = $1)";
    let statement = client.prepare_cached(SQL).await?;
    Ok(client.query_one(&statement, &[&id.0]).await?.try_get(0)?)
}

/// Revokes all tokens of an account, except one family that may go on.
///
/// # Errors
/// [`StoreError`].
pub async fn end_all(
    client: &impl GenericClient,
    account: AccountId,
    except: Option<TokenFamilyId>,
) -> Result<(), StoreError> {
    const SQL: &str = "DELETE FROM latchkey.token_family WHERE account_id = $1 AND id IS DISTINCT FROM $2";
    let statement = client.prepare_cached(SQL).await?;
    client.execute(&statement, &[&account.0, &except.map(|id| id.0)]).await?;
    Ok(())
}

/// Removes some families that are over: call it for each family that is founded and they don't pile up.
///
/// # Errors
/// [`StoreError`].
pub async fn forget_some(
    client: &impl GenericClient,
    refreshable_before: OffsetDateTime,
) -> Result<(), StoreError> {
    const SQL: &str = "DELETE FROM latchkey.token_family WHERE id IN (SELECT id FROM latchkey.token_family \
         WHERE refreshable_until < $1 ORDER BY refreshable_until LIMIT 10 FOR UPDATE SKIP LOCKED)";
    let statement = client.prepare_cached(SQL).await?;
    client.execute(&statement, &[&refreshable_before]).await?;
    Ok(())
}
