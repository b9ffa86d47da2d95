//! Keys that no letter carries.

use time::OffsetDateTime;

use super::void_older;
use crate::{
    domain::{AccountId, Digest},
    store::{GenericClient, StoreError, addressees},
};

/// Stores a key of an account for somebody who hands it over by hand. It takes its number in the order of promises,
/// so keys of letters that were promised before are void, those of letters promised after it void it.
///
/// Run it in a transaction.
///
/// # Errors
/// [`StoreError`]; [`StoreError::Unavailable`] also when somebody else holds the account for too long.
pub async fn hand_over(
    client: &impl GenericClient,
    account: AccountId,
    dialect: &str,
    digest: &Digest,
    now: OffsetDateTime,
    expires_at: OffsetDateTime,
) -> Result<(), StoreError> {
    addressees::lock(client, account).await?;
    const NUMBER: &str = "SELECT nextval(pg_get_serial_sequence('latchkey.outbox', 'id'))";
    let number: i64 = client.query_one(NUMBER, &[]).await?.try_get(0)?;
    void_older(client, account, number, now).await?;
    const SQL: &str = "WITH request AS (INSERT INTO latchkey.reset_request \
           (account_id, outbox_id, dialect, requested_at, expires_at) VALUES ($1, $2, $3, $4, $5) RETURNING id) \
         INSERT INTO latchkey.reset_key (digest, request_id, minted_at) SELECT $6, id, $4 FROM request";
    client.execute(SQL, &[&account.0, &number, &dialect, &now, &expires_at, &digest.0.as_slice()]).await?;
    Ok(())
}
