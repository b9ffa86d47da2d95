//! Table `log`: who changed what, for Traffic Ops' own readers of it.

use time::OffsetDateTime;

use super::{GenericClient, StoreError};
use crate::domain::AccountId;

/// Writes down a change, in the transaction of the change.
///
/// Texts: fact sheet Traffic Ops §8.
///
/// # Errors
/// [`StoreError`].
pub async fn write(
    client: &impl GenericClient,
    actor: AccountId,
    message: &str,
    now: OffsetDateTime,
) -> Result<(), StoreError> {
    const SQL: &str = "INSERT INTO public.log (level, message, tm_user, last_updated) \
         VALUES ('APICHANGE', $2, $1, $3)";
    let statement = client.prepare_cached(SQL).await?;
    client.execute(&statement, &[&actor.0, &message, &now]).await?;
    Ok(())
}
