//! A transaction on a connection of the pool.

use tokio_postgres::{Error, Row, RowStream, types::ToSql};

use super::{
    StoreError,
    client::Client,
    error::Verdict,
    statement::{GenericClient, Question, Statement},
};

/// A transaction: undone when dropped, unless it was committed.
pub struct Transaction<'a> {
    client: &'a Client,
    open: bool,
}

impl<'a> Transaction<'a> {
    pub(super) fn on(client: &'a Client) -> Self {
        Self { client, open: true }
    }

    /// Commits.
    ///
    /// # Errors
    /// [`StoreError`]. When the connection was lost meanwhile nobody knows whether it was committed, and it is not
    /// repeated.
    pub async fn commit(mut self) -> Result<(), StoreError> {
        self.open = false;
        let (connection, _) = self.client.turn();
        self.client.ended();
        let outcome = connection.batch("COMMIT").await;
        if let Err(error) = &outcome {
            let verdict = Verdict::of(error);
            if verdict.ends_the_connection() {
                tracing::warn!("a connection was lost during a commit: it may have happened");
                connection.give_up(error);
            }
        }
        Ok(outcome?)
    }

    /// Undoes it, and waits until that is done.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn rollback(mut self) -> Result<(), StoreError> {
        self.open = false;
        let (connection, _) = self.client.turn();
        self.client.ended();
        Ok(connection.batch("ROLLBACK").await?)
    }
}

impl Drop for Transaction<'_> {
    fn drop(&mut self) {
        if self.open {
            self.client.turn().0.send("ROLLBACK");
            self.client.ended();
        }
    }
}

impl std::ops::Deref for Transaction<'_> {
    type Target = Client;

    fn deref(&self) -> &Client {
        self.client
    }
}

/// What can be asked of both, said once.
macro_rules! asks {
    ($($kind:ty),*) => { $(
        impl GenericClient for $kind {
            async fn prepare_cached(&self, sql: &str) -> Result<Statement, Error> {
                Client::prepare_cached(self, sql).await
            }

            async fn query<Q>(&self, question: &Q, values: &[&(dyn ToSql + Sync)]) -> Result<Vec<Row>, Error>
            where
                Q: Question + ?Sized,
            {
                Client::query(self, question, values).await
            }

            async fn query_one<Q>(&self, question: &Q, values: &[&(dyn ToSql + Sync)]) -> Result<Row, Error>
            where
                Q: Question + ?Sized,
            {
                Client::query_one(self, question, values).await
            }

            async fn query_opt<Q>(&self, question: &Q, values: &[&(dyn ToSql + Sync)]) -> Result<Option<Row>, Error>
            where
                Q: Question + ?Sized,
            {
                Client::query_opt(self, question, values).await
            }

            async fn execute<Q>(&self, question: &Q, values: &[&(dyn ToSql + Sync)]) -> Result<u64, Error>
            where
                Q: Question + ?Sized,
            {
                Client::execute(self, question, values).await
            }

            async fn query_raw<Q>(&self, question: &Q, values: Vec<&(dyn ToSql + Sync)>) -> Result<RowStream, Error>
            where
                Q: Question + ?Sized,
            {
                Client::query_raw(self, question, values).await
            }

            async fn batch_execute(&self, sql: &str) -> Result<(), Error> {
                Client::batch_execute(self, sql).await
            }
        }
    )* };
}

asks!(Client, Transaction<'_>);
