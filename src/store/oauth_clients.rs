//! Table `latchkey.oauth_client`: programs that the operator made known.

use time::OffsetDateTime;
use tokio_postgres::Row;

use super::{GenericClient, StoreError, row::Columns};
use crate::domain::{ClientId, Digest};

/// A client as an operator sees it.
pub struct OauthClient {
    /// By what it makes itself known.
    pub id: ClientId,
    /// What the operator calls it.
    pub name: String,
    /// Since when it is known.
    pub created_at: OffsetDateTime,
}

/// Makes a client known.
///
/// # Errors
/// [`StoreError::Taken`] with [`super::Constraint::ClientId`], and the others of [`StoreError`].
pub async fn insert(
    client: &impl GenericClient,
    new: &OauthClient,
    secret: &Digest,
) -> Result<(), StoreError> {
    const SQL: &str =
        "INSERT INTO latchkey.oauth_client (id, secret_digest, name, created_at) VALUES ($1, $2, $3, $4)";
    client.execute(SQL, &[&new.id.as_str(), &secret.0.as_slice(), &new.name, &new.created_at]).await?;
    Ok(())
}

/// All clients, by name.
///
/// # Errors
/// [`StoreError`].
pub async fn all(client: &impl GenericClient) -> Result<Vec<OauthClient>, StoreError> {
    const SQL: &str = "SELECT id, name, created_at FROM latchkey.oauth_client ORDER BY id";
    client.query(SQL, &[]).await?.iter().map(read).collect()
}

fn read(row: &Row) -> Result<OauthClient, StoreError> {
    let mut columns = Columns::of(row);
    Ok(OauthClient {
        id: ClientId::stored(columns.take()?),
        name: columns.take()?,
        created_at: columns.take()?,
    })
}

/// The digest of a client's secret, if there is such a client.
///
/// # Errors
/// [`StoreError::Corrupt`] when what is stored is no digest, and the others of [`StoreError`].
pub async fn secret(client: &impl GenericClient, id: &ClientId) -> Result<Option<Digest>, StoreError> {
    const SQL: &str = "SELECT secret_digest FROM latchkey.oauth_client WHERE id = $1";
    let statement = client.prepare_cached(SQL).await?;
    let row = client.query_opt(&statement, &[&id.as_str()]).await?;
    row.map(|row| {
        let digest: &[u8] = row.try_get(0)?;
        let digest = digest.try_into().map_err(|_| StoreError::Corrupt("digest of a client".to_owned()))?;
        Ok(Digest(digest))
    })
    .transpose()
}

/// Removes a client and revokes every token it got. Returns whether there was one.
///
/// # Errors
/// [`StoreError`].
pub async fn remove(client: &impl GenericClient, id: &ClientId) -> Result<bool, StoreError> {
    const SQL: &str = "DELETE FROM latchkey.oauth_client WHERE id = $1";
    Ok(client.execute(SQL, &[&id.as_str()]).await? == 1)
}
