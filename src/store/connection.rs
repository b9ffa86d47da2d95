//! One connection to PostgreSQL: its driver, its statements, its generation, and the end of its patience.

use std::{
    collections::HashMap,
    pin::pin,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, AtomicU64, Ordering::Relaxed},
    },
    time::Duration,
};

use deadpool::managed::{Manager, Metrics, RecycleError, RecycleResult};
use foldhash::fast::RandomState;
use tokio::{task::AbortHandle, time::timeout};
use tokio_postgres::{
    Client, Error, Row, RowStream,
    types::{ToSql, Type},
};

use super::{
    route::{ConnectError, Route, reasons},
    statement::{Form, Parameters, Question, Statement},
};

/// Forms of statements whose types are remembered, so that searches of all shapes don't fill the memory.
const REMEMBERED: usize = 1_000;

/// Makes connections, and says which of them are still good.
pub(super) struct Connector {
    route: Route,
    manner: Arc<Manner>,
}

/// What the connections of one pool have in common.
pub(super) struct Manner {
    /// Whether statements are prepared under names, which a pooler that changes servers between transactions forbids.
    named: bool,
    /// The longest that one statement may take.
    patience: Duration,
    /// Raised when a server says that it is no place to be: all connections made before are let go.
    generation: AtomicU64,
    identities: AtomicU64,
    types: Mutex<HashMap<String, Arc<[Type]>>>,
}

impl Connector {
    pub(super) fn new(route: Route, named: bool, patience: Duration) -> Self {
        let (generation, identities) = (AtomicU64::new(0), AtomicU64::new(0));
        let manner = Manner { named, patience, generation, identities, types: Mutex::default() };
        Self { route, manner: Arc::new(manner) }
    }
}

impl Manager for Connector {
    type Type = Arc<Connection>;
    type Error = ConnectError;

    async fn create(&self) -> Result<Arc<Connection>, ConnectError> {
        // Before connecting: what is said meanwhile may be about the very server that is being reached.
        let generation = self.manner.generation.load(Relaxed);
        let (client, driver) = self.route.connect().await?;
        Ok(Arc::new(Connection {
            client,
            driver: driver.abort_handle(),
            generation,
            identity: self.manner.identities.fetch_add(1, Relaxed),
            manner: self.manner.clone(),
            statements: Mutex::default(),
            impatient: AtomicBool::new(false),
            given_up: AtomicBool::new(false),
        }))
    }

    async fn recycle(&self, connection: &mut Arc<Connection>, _: &Metrics) -> RecycleResult<ConnectError> {
        if connection.has_ended() {
            connection.let_all_go();
            return Err(RecycleError::message("it has ended"));
        }
        match connection.generation == self.manner.generation.load(Relaxed) {
            true => Ok(()),
            false => Err(RecycleError::message("it is of a former generation")),
        }
    }
}

/// A connection in use or in the pool. Dropping it ends it.
pub(super) struct Connection {
    client: Client,
    driver: AbortHandle,
    generation: u64,
    identity: u64,
    manner: Arc<Manner>,
    /// By their texts, which are ours and long: what a hash of the usual kind guards against is not to be feared.
    statements: Mutex<HashMap<String, Statement, RandomState>>,
    impatient: AtomicBool,
    given_up: AtomicBool,
}

impl Drop for Connection {
    fn drop(&mut self) {
        self.driver.abort();
    }
}

/// Asks in the form that the statement has.
macro_rules! asked {
    ($($name:ident, $typed:ident -> $answer:ty;)*) => { $(
        pub(super) async fn $name(&self, statement: &Statement, values: Parameters<'_>) -> Result<$answer, Error> {
            match &statement.form {
                Form::Named { statement, .. } => self.within(self.client.$name(statement, values)).await,
                Form::Once => self.within(self.client.$name(&*statement.sql, values)).await,
                Form::Typed(types) => {
                    let values = typed(values, types);
                    self.within(self.client.$typed(&statement.sql, &values)).await
                }
            }
        }
    )* };
}

impl Connection {
    asked! {
        query, query_typed -> Vec<Row>;
        query_one, query_typed_one -> Row;
        query_opt, query_typed_opt -> Option<Row>;
        execute, execute_typed -> u64;
    }

    /// Rows as they come; the time limit is for the first.
    pub(super) async fn stream(
        &self,
        statement: &Statement,
        values: Parameters<'_>,
    ) -> Result<RowStream, Error> {
        match &statement.form {
            Form::Named { statement, .. } => {
                self.within(self.client.query_raw(statement, values.iter().copied())).await
            }
            Form::Once => self.within(self.client.query_raw(&*statement.sql, values.iter().copied())).await,
            Form::Typed(types) => {
                self.within(self.client.query_typed_raw(&statement.sql, typed(values, types))).await
            }
        }
    }

    /// Statements without parameters, by the simple protocol.
    pub(super) async fn batch(&self, sql: &str) -> Result<(), Error> {
        self.within(self.client.batch_execute(sql)).await
    }

    /// Sends a statement and does not wait for what becomes of it; whoever asks next comes after it.
    pub(super) fn send(&self, sql: &str) {
        // The first poll sends it.
        let _ = futures_util::FutureExt::now_or_never(self.client.batch_execute(sql));
    }

    /// The statement in the form that this connection needs. `within`: a transaction is open.
    pub(super) async fn formed<Q>(&self, question: &Q, within: bool) -> Result<Statement, Error>
    where
        Q: Question + ?Sized,
    {
        match question.statement() {
            Some(known) if self.owns(known) => Ok(known.clone()),
            Some(known) => self.prepared(&known.sql, within).await,
            None if self.manner.named => Ok(Statement { sql: question.sql().into(), form: Form::Once }),
            None => self.prepared(question.sql(), within).await,
        }
    }

    fn owns(&self, statement: &Statement) -> bool {
        match &statement.form {
            Form::Named { connection, .. } => *connection == self.identity,
            Form::Typed(_) | Form::Once => true,
        }
    }

    /// The statement, prepared once for this connection, or with the types that were learned once for all.
    pub(super) async fn prepared(&self, sql: &str, within: bool) -> Result<Statement, Error> {
        if !self.manner.named {
            return Ok(Statement { sql: sql.into(), form: Form::Typed(self.learned(sql, within).await?) });
        }
        if let Some(known) = locked(&self.statements).get(sql) {
            return Ok(known.clone());
        }
        let statement = self.within(self.client.prepare(sql)).await?;
        let form = Form::Named { statement, connection: self.identity };
        let statement = Statement { sql: sql.into(), form };
        locked(&self.statements).insert(sql.to_owned(), statement.clone());
        Ok(statement)
    }

    /// The types of the parameters. They are asked for inside a transaction: only there a pooler leaves us one server,
    /// and the name is given up before it ends.
    async fn learned(&self, sql: &str, within: bool) -> Result<Arc<[Type]>, Error> {
        if let Some(known) = locked(&self.manner.types).get(sql) {
            return Ok(known.clone());
        }
        let _undone = (!within).then(|| Undone(self));
        if !within {
            self.batch("BEGIN").await?;
        }
        let statement = self.within(self.client.prepare(sql)).await?;
        let types: Arc<[Type]> = Arc::from(statement.params());
        let mut known = locked(&self.manner.types);
        if known.len() >= REMEMBERED {
            known.clear();
        }
        known.insert(sql.to_owned(), types.clone());
        Ok(types)
    }

    /// Waits no longer than one statement may take. Then the connection is cut, which ends the wait with an error.
    async fn within<T>(&self, work: impl Future<Output = Result<T, Error>>) -> Result<T, Error> {
        let mut work = pin!(work);
        let Ok(outcome) = timeout(self.manner.patience, &mut work).await else {
            tracing::warn!(after = ?self.manner.patience, "a statement took too long; its connection is cut");
            self.impatient.store(true, Relaxed);
            self.driver.abort();
            return work.await;
        };
        outcome
    }

    /// Whether it was cut because a statement took too long.
    pub(super) fn was_impatient(&self) -> bool {
        self.impatient.load(Relaxed)
    }

    /// Whether it has ended, as far as is known.
    pub(super) fn has_ended(&self) -> bool {
        self.given_up.load(Relaxed) || self.client.is_closed()
    }

    /// Whether whoever asks next may be given it.
    pub(super) fn is_current(&self) -> bool {
        !self.has_ended() && self.generation == self.manner.generation.load(Relaxed)
    }

    /// Never hands this connection out again, and none that is as old unless it was we who cut it: what broke one
    /// connection from outside most likely broke them all, and a write that finds out by itself is not repeated.
    pub(super) fn give_up(&self, error: &Error) {
        self.given_up.store(true, Relaxed);
        self.driver.abort();
        let all = self.let_all_go();
        tracing::info!(cause = reasons(error), all, "a connection to the database is given up");
    }

    /// Ends this generation, if it is still that and we did not cut this connection; whether it did.
    fn let_all_go(&self) -> bool {
        let (this, next) = (self.generation, self.generation + 1);
        !self.was_impatient() && self.manner.generation.compare_exchange(this, next, Relaxed, Relaxed).is_ok()
    }
}

/// Ends a transaction in which nothing was done, also when whoever began it hangs up: the next who is given the
/// connection would write into it.
struct Undone<'a>(&'a Connection);

impl Drop for Undone<'_> {
    fn drop(&mut self) {
        self.0.send("ROLLBACK");
    }
}

fn typed<'a>(values: Parameters<'a>, types: &[Type]) -> Vec<(&'a (dyn ToSql + Sync), Type)> {
    values.iter().copied().zip(types.iter().cloned()).collect()
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
