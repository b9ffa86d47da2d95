//! A connection that was taken from the pool, and the transaction on it: what is asked, and what is asked once more.
//!
//! A statement that met a lost connection, or a server that takes no writes, is repeated once on another connection
//! where nothing can have come of it: a look (`SELECT`), the beginning of a transaction, the first statement of a
//! transaction (it never committed, and nobody has seen anything of it), and what was refused before it was done.
//! Nothing else is: not what follows in a transaction, because answers were already given, and never a `COMMIT` or a
//! single write whose connection was lost, because it may have happened (`docs/operating/postgresql.md`).

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use deadpool::managed::{Object, Pool};
use tokio_postgres::{Error, Row, RowStream, types::ToSql};

use super::{
    StoreError,
    connection::{Connection, Connector},
    error::Verdict,
    shared::Lent,
    statement::{Question, Statement},
    transaction::Transaction,
};

/// A connection that goes back to the pool when dropped.
pub struct Client {
    pool: Pool<Connector>,
    seat: Mutex<Seat>,
    /// The place of a connection that others use at the same time.
    _lent: Option<Lent>,
}

/// The connection that is used now, and how far the work on it is.
struct Seat {
    connection: Arc<Connection>,
    /// Its place in the pool; given back early when the connection has ended.
    place: Option<Object<Connector>>,
    stage: Stage,
    /// Whether the one repetition was had.
    repeated: bool,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Stage {
    /// Each statement is a transaction of its own.
    Single,
    /// A transaction was begun and nothing came of it yet.
    Begun,
    /// Answers of the transaction were given.
    UnderWay,
}

/// A connection to ask, and whether a transaction is open on it.
pub(super) type Turn = (Arc<Connection>, bool);

impl Client {
    pub(super) fn new(pool: Pool<Connector>, place: Object<Connector>) -> Self {
        let connection = Arc::clone(&place);
        let seat = Seat { connection, place: Some(place), stage: Stage::Single, repeated: false };
        Self { pool, seat: Mutex::new(seat), _lent: None }
    }

    /// One of several on the same connection.
    pub(super) fn sharing(pool: Pool<Connector>, lent: Lent) -> Self {
        let connection = Arc::clone(&**lent);
        let seat = Seat { connection, place: None, stage: Stage::Single, repeated: false };
        Self { pool, seat: Mutex::new(seat), _lent: Some(lent) }
    }

    /// Begins a transaction. Dropped without [`Transaction::commit`] it is undone.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn transaction(&mut self) -> Result<Transaction<'_>, StoreError> {
        let client = &*self;
        // Undone from here on: whoever hangs up before the answer leaves none open for the next.
        let transaction = Transaction::on(client);
        client.batch_execute(BEGIN).await?;
        client.seat().stage = Stage::Begun;
        Ok(transaction)
    }

    /// Begins a transaction for one long statement, which follows at once: nobody waits for the answer in between. The
    /// statement has one plan, whatever its values; PostgreSQL would plan it anew each time while its tables have no
    /// statistics, and that takes longer than to run it.
    ///
    /// Should the beginning fail on a connection that goes on, the one statement is a transaction of its own.
    pub fn transaction_of_one(&mut self) -> Transaction<'_> {
        let client = &*self;
        client.turn().0.send(BEGIN_PLANNED_ONCE);
        client.seat().stage = Stage::Begun;
        Transaction::on(client)
    }

    fn seat(&self) -> MutexGuard<'_, Seat> {
        self.seat.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn turn(&self) -> Turn {
        let seat = self.seat();
        (seat.connection.clone(), seat.stage != Stage::Single)
    }

    /// The transaction is over.
    pub(super) fn ended(&self) {
        self.seat().stage = Stage::Single;
    }

    /// Something was answered: of a transaction that can't be taken back any more.
    pub(super) fn answered(&self) {
        let mut seat = self.seat();
        if seat.stage == Stage::Begun {
            seat.stage = Stage::UnderWay;
        }
    }

    /// Another connection on which `sql` may be asked once more, with a transaction begun if there was one; `None`
    /// when the error is the answer.
    async fn again(&self, (met, within): Turn, sql: &str, error: &Error) -> Option<Turn> {
        let verdict = Verdict::of(error);
        if !verdict.ends_the_connection() {
            return None;
        }
        met.give_up(error);
        {
            let mut seat = self.seat();
            let safe = match seat.stage {
                Stage::Single => verdict.is_refusal() || is_harmless(sql),
                Stage::Begun => true,
                Stage::UnderWay => false,
            };
            if !safe || met.was_impatient() || std::mem::replace(&mut seat.repeated, true) {
                return None;
            }
            // Of requests that each kept a place and waited for a second one none would get any.
            seat.place = None;
        }
        let place = self.pool.get().await.ok()?;
        let next = Arc::clone(&place);
        {
            // Before anything is asked of it: whoever hangs up undoes what was begun on the connection that is used now.
            let mut seat = self.seat();
            (seat.connection, seat.place) = (next.clone(), Some(place));
        }
        if within {
            next.batch(BEGIN).await.ok()?;
        }
        Some((next, within))
    }
}

const BEGIN: &str = "BEGIN";
const BEGIN_PLANNED_ONCE: &str = "BEGIN; SET LOCAL plan_cache_mode = force_generic_plan";

/// Whether asking twice does no more than asking once.
fn is_harmless(sql: &str) -> bool {
    sql.starts_with("SELECT") || sql == BEGIN
}

/// Asks, and once more where that is safe.
macro_rules! asked {
    ($($name:ident -> $answer:ty;)*) => { $(
        /// See [`GenericClient`](super::GenericClient).
        ///
        /// # Errors
        /// The driver's.
        pub async fn $name<Q>(&self, question: &Q, values: &[&(dyn ToSql + Sync)]) -> Result<$answer, Error>
        where
            Q: Question + ?Sized,
        {
            let mut turn = self.turn();
            loop {
                let outcome = match turn.0.formed(question, turn.1).await {
                    Ok(statement) => turn.0.$name(&statement, values).await,
                    Err(error) => Err(error),
                };
                let error = match outcome {
                    Ok(answer) => {
                        self.answered();
                        return Ok(answer);
                    }
                    Err(error) => error,
                };
                match self.again(turn, question.sql(), &error).await {
                    Some(next) => turn = next,
                    None => return Err(error),
                }
            }
        }
    )* };
}

/// The questions of [`GenericClient`](super::GenericClient), for whoever has a connection and no trait.
impl Client {
    asked! {
        query -> Vec<Row>;
        query_one -> Row;
        query_opt -> Option<Row>;
        execute -> u64;
    }

    /// See [`GenericClient`](super::GenericClient).
    ///
    /// # Errors
    /// The driver's.
    pub async fn prepare_cached(&self, sql: &str) -> Result<Statement, Error> {
        let turn = self.turn();
        let error = match turn.0.prepared(sql, turn.1).await {
            Ok(statement) => return Ok(statement),
            Err(error) => error,
        };
        // Preparing does nothing, whatever is prepared.
        match self.again(turn, BEGIN, &error).await {
            Some((next, within)) => next.prepared(sql, within).await,
            None => Err(error),
        }
    }

    /// See [`GenericClient`](super::GenericClient).
    ///
    /// # Errors
    /// The driver's.
    pub async fn query_raw<Q>(
        &self,
        question: &Q,
        values: Vec<&(dyn ToSql + Sync)>,
    ) -> Result<RowStream, Error>
    where
        Q: Question + ?Sized,
    {
        let turn = self.turn();
        let first = async {
            let statement = turn.0.formed(question, turn.1).await?;
            turn.0.stream(&statement, &values).await
        };
        let error = match first.await {
            Ok(rows) => {
                self.answered();
                return Ok(rows);
            }
            Err(error) => error,
        };
        let Some((next, within)) = self.again(turn, question.sql(), &error).await else { return Err(error) };
        let statement = next.formed(question, within).await?;
        let rows = next.stream(&statement, &values).await?;
        self.answered();
        Ok(rows)
    }

    /// See [`GenericClient`](super::GenericClient).
    ///
    /// # Errors
    /// The driver's.
    pub async fn batch_execute(&self, sql: &str) -> Result<(), Error> {
        let turn = self.turn();
        let error = match turn.0.batch(sql).await {
            Ok(()) => {
                self.answered();
                return Ok(());
            }
            Err(error) => error,
        };
        let Some((next, _)) = self.again(turn, sql, &error).await else { return Err(error) };
        next.batch(sql).await?;
        self.answered();
        Ok(())
    }
}
