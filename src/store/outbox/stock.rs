//! How large the tables of letters have become, as the database believes.

use crate::store::{GenericClient, StoreError};

/// Has the database look at the tables that grow with every letter, and make its plans anew.
///
/// A plan is kept for as long as a connection lives, also that of the database's own look at a foreign key. One that was
/// made while a table was empty reads all of it for each new row: after 15,000 letters 104 million rows had been
/// read, and letters left a quarter as fast as in the beginning. The database finds out by itself (autovacuum), but
/// only once a minute. Whoever does not own the tables gets a warning and nothing else.
///
/// # Errors
/// [`StoreError`].
pub async fn take_stock(client: &impl GenericClient) -> Result<(), StoreError> {
    const SQL: &str = "ANALYZE latchkey.outbox, latchkey.reset_request, latchkey.reset_key, \
         latchkey.temporary_password, latchkey.audit_event";
    Ok(client.batch_execute(SQL).await?)
}
