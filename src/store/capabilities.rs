//! Tables `capability` and `api_capability`: what 3.x clients may still ask for. Empty, unless a database was adopted.

use time::OffsetDateTime;

use super::{GenericClient, StoreError};

/// A row of `capability`.
pub struct Capability {
    /// Its name.
    pub name: String,
    /// What it is for.
    pub description: Option<String>,
    /// When it was last changed.
    pub last_updated: OffsetDateTime,
}

/// The capabilities, or the one with this name, by name.
///
/// # Errors
/// [`StoreError`].
pub async fn list(client: &impl GenericClient, name: Option<&str>) -> Result<Vec<Capability>, StoreError> {
    const SQL: &str = "SELECT name, description, last_updated FROM public.capability \
         WHERE $1::text IS NULL OR name = $1 ORDER BY name";
    let statement = client.prepare_cached(SQL).await?;
    let rows = client.query(&statement, &[&name]).await?;
    rows.iter()
        .map(|row| {
            Ok(Capability {
                name: row.try_get(0)?,
                description: row.try_get(1)?,
                last_updated: row.try_get(2)?,
            })
        })
        .collect()
}

/// A row of `api_capability`.
pub struct ApiCapability {
    /// Its number.
    pub id: i64,
    /// Method of the operation.
    pub http_method: String,
    /// Path of the operation.
    pub route: String,
    /// The capability that the operation asked for.
    pub capability: String,
    /// When it was last changed.
    pub last_updated: OffsetDateTime,
}

/// The operations with their capabilities, narrowed down to one number or one capability.
///
/// # Errors
/// [`StoreError`].
pub async fn list_api(
    client: &impl GenericClient,
    id: Option<i64>,
    capability: Option<&str>,
) -> Result<Vec<ApiCapability>, StoreError> {
    // The method is an enumeration in an adopted database, and read as a text in either.
    const SQL: &str = "SELECT id, http_method::text, route, capability, last_updated FROM public.api_capability \
         WHERE ($1::bigint IS NULL OR id = $1) AND ($2::text IS NULL OR capability = $2) ORDER BY id";
    let statement = client.prepare_cached(SQL).await?;
    let rows = client.query(&statement, &[&id, &capability]).await?;
    rows.iter()
        .map(|row| {
            Ok(ApiCapability {
                id: row.try_get(0)?,
                http_method: row.try_get(1)?,
                route: row.try_get(2)?,
                capability: row.try_get(3)?,
                last_updated: row.try_get(4)?,
            })
        })
        .collect()
}
