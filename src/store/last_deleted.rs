//! Table `last_deleted`: when a row of each table was last removed, so that a list can tell that it got shorter.
//!
//! Traffic Ops keeps it by triggers; here the transaction that removes writes it, with the time it was handed. A
//! digest of the list would do without it, but costs the whole list to find out that there is no news, and says
//! nothing to clients that only know `If-Modified-Since`.

use time::OffsetDateTime;

use super::{GenericClient, StoreError};

/// When anything in a table last changed, removals included.
macro_rules! last_change_of {
    ($table:literal) => {
        concat!(
            "SELECT coalesce(greatest((SELECT max(last_updated) FROM public.",
            $table,
            "), (SELECT last_updated FROM public.last_deleted WHERE table_name = '",
            $table,
            "')), to_timestamp(0))"
        )
    };
}
pub(super) use last_change_of;

/// Notes that something was removed from a table.
pub(super) async fn note(
    client: &impl GenericClient,
    table: &'static str,
    now: OffsetDateTime,
) -> Result<(), StoreError> {
    const SQL: &str = "INSERT INTO public.last_deleted (table_name, last_updated) VALUES ($1, $2) \
         ON CONFLICT (table_name) \
         DO UPDATE SET last_updated = greatest(last_deleted.last_updated, excluded.last_updated)";
    let statement = client.prepare_cached(SQL).await?;
    client.execute(&statement, &[&table, &now]).await?;
    Ok(())
}
