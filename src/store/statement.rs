//! What can be asked of the database, and of whom.

use std::sync::Arc;

use tokio_postgres::{
    Error, Row, RowStream,
    types::{ToSql, Type},
};

/// What goes into a statement.
pub(super) type Parameters<'a> = &'a [&'a (dyn ToSql + Sync)];

/// What can be asked of a connection and of a transaction.
pub trait GenericClient: Sync {
    /// The statement, prepared once for the connection or in whatever way the settings want.
    fn prepare_cached(&self, sql: &str) -> impl Future<Output = Result<Statement, Error>> + Send;
    /// All rows.
    fn query<Q: Question + ?Sized>(
        &self,
        question: &Q,
        values: &[&(dyn ToSql + Sync)],
    ) -> impl Future<Output = Result<Vec<Row>, Error>> + Send;
    /// The one row; none or several are an error.
    fn query_one<Q: Question + ?Sized>(
        &self,
        question: &Q,
        values: &[&(dyn ToSql + Sync)],
    ) -> impl Future<Output = Result<Row, Error>> + Send;
    /// The row, if there is one; several are an error.
    fn query_opt<Q: Question + ?Sized>(
        &self,
        question: &Q,
        values: &[&(dyn ToSql + Sync)],
    ) -> impl Future<Output = Result<Option<Row>, Error>> + Send;
    /// How many rows were changed.
    fn execute<Q: Question + ?Sized>(
        &self,
        question: &Q,
        values: &[&(dyn ToSql + Sync)],
    ) -> impl Future<Output = Result<u64, Error>> + Send;
    /// Rows as they come.
    fn query_raw<Q: Question + ?Sized>(
        &self,
        question: &Q,
        values: Vec<&(dyn ToSql + Sync)>,
    ) -> impl Future<Output = Result<RowStream, Error>> + Send;
    /// Several statements without parameters.
    fn batch_execute(&self, sql: &str) -> impl Future<Output = Result<(), Error>> + Send;
}

/// A statement as a connection knows it.
#[derive(Clone)]
pub struct Statement {
    pub(super) sql: Arc<str>,
    pub(super) form: Form,
}

#[derive(Clone)]
pub(super) enum Form {
    /// Prepared under a name, on the connection with that number.
    Named { statement: tokio_postgres::Statement, connection: u64 },
    /// Sent as a whole each time, with the types of its parameters.
    Typed(Arc<[Type]>),
    /// Prepared for this once.
    Once,
}

/// What can be asked: a statement, or its text.
pub trait Question: Sync {
    /// The text.
    fn sql(&self) -> &str;
    /// The statement, if it is one.
    fn statement(&self) -> Option<&Statement> {
        None
    }
}

impl Question for str {
    fn sql(&self) -> &str {
        self
    }
}

impl Question for String {
    fn sql(&self) -> &str {
        self
    }
}

impl Question for Statement {
    fn sql(&self) -> &str {
        &self.sql
    }

    fn statement(&self) -> Option<&Statement> {
        Some(self)
    }
}
