//! Moving in and out: accounts with their roles and tenants, from files and other databases, and to files.

mod ground;
mod judge;
mod people;
mod refusal;

use std::fmt;

use time::OffsetDateTime;

use super::Core;
use crate::{
    domain::MovingLine,
    ports::HasherSettings,
    store::{GenericClient, StoreError},
};

pub use refusal::Refusal;

/// How many lines are taken in with few statements, and committed together.
const BATCH: usize = 2000;

/// Takes accounts in, with the authority of whoever may reach the database.
#[derive(Clone)]
pub struct Moving {
    core: Core,
}

/// Where something stands in what it comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// `line`, or the name of a table.
    pub of: &'static str,
    /// Its number there.
    pub number: i64,
}

impl Place {
    /// The place, with the name of what stands there if it has one.
    pub fn of_name(&self, name: &str) -> String {
        if name.is_empty() { self.to_string() } else { format!("{self}, {name:?}") }
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.of, self.number)
    }
}

/// What arrives from a source.
pub struct Arriving {
    /// Where it stands there.
    pub place: Place,
    /// What it is, or why that can't be read.
    pub content: Result<MovingLine, String>,
}

/// Why a source can't be read on.
pub type Broken = Box<dyn std::error::Error + Send + Sync>;

/// Where things come from: a file, another database.
pub trait Source {
    /// The next one; `None` after the last.
    fn next(&mut self) -> impl Future<Output = Result<Option<Arriving>, Broken>>;
}

/// Who is told how it goes.
pub trait Witness {
    /// Something was not taken in.
    fn refused(&mut self, place: Place, name: &str, why: &Refusal);
    /// So many more were read, and what of them can be taken in has been.
    fn went_on(&mut self, lines: usize);
}

/// How arrivals are treated.
#[derive(Clone, Debug)]
pub struct Terms {
    /// The role of accounts whose line speaks of none. Without it they are refused.
    pub role: Option<String>,
    /// The tenant of accounts whose line names none.
    pub tenant: String,
    /// Take accounts in without their password where its hash can't be verified.
    pub drop_hashes: bool,
    /// Keep nothing.
    pub dry_run: bool,
    /// Keep nothing, and go no further, as soon as one is refused.
    pub strict: bool,
    /// What hashes can be verified.
    pub hasher: HasherSettings,
}

/// What became of things of one kind.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Count {
    /// Made.
    pub made: u64,
    /// There before, held by nobody, and changed to what arrived.
    pub changed: u64,
    /// There before, and left as they were.
    pub there: u64,
}

/// What became of everything.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// Tenants.
    pub tenants: Count,
    /// Roles.
    pub roles: Count,
    /// Accounts.
    pub users: Count,
    /// Accounts that were made without their password.
    pub hashes_dropped: u64,
    /// Not taken in.
    pub refused: u64,
}

/// Why moving in stopped.
#[derive(Debug, thiserror::Error)]
pub enum MovingError {
    /// One was refused and none may be.
    #[error("{}: {why}; nothing was kept", place.of_name(name))]
    Strict {
        /// Where it stands.
        place: Place,
        /// What it is called.
        name: String,
        /// Why.
        why: Refusal,
    },
    /// The source can't be read on. What was committed before stays.
    #[error("the source can't be read on: {0}")]
    Source(Broken),
    /// The database failed. What was committed before stays.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Moving {
    pub(super) fn new(core: Core) -> Self {
        Self { core }
    }

    /// Takes everything in that a source has, some thousand at a time, each lot in a transaction of its own. What is
    /// there already stays as it is, so that whatever was interrupted can be done again.
    ///
    /// # Errors
    /// [`MovingError`].
    pub async fn import<S: Source, W: Witness>(
        &self,
        source: &mut S,
        terms: &Terms,
        witness: &mut W,
    ) -> Result<Tally, MovingError> {
        let mut gate = Gate {
            terms,
            witness,
            now: self.core.clock.now(),
            tally: Tally::default(),
            refusals: Vec::new(),
        };
        let mut client = self.core.database.client().await?;
        if terms.dry_run || terms.strict {
            let transaction = client.transaction().await?;
            while gate.take_in_some(&transaction, gather(source).await?).await? {}
            match terms.dry_run {
                true => transaction.rollback().await?,
                false => transaction.commit().await?,
            }
        } else {
            loop {
                let some = gather(source).await?;
                let transaction = client.transaction().await?;
                let more = gate.take_in_some(&transaction, some).await?;
                transaction.commit().await?;
                if !more {
                    break;
                }
            }
        }
        Ok(gate.tally)
    }
}

async fn gather(source: &mut impl Source) -> Result<Vec<Arriving>, MovingError> {
    let mut some = Vec::with_capacity(BATCH);
    while some.len() < BATCH {
        match source.next().await.map_err(MovingError::Source)? {
            Some(arriving) => some.push(arriving),
            None => break,
        }
    }
    Ok(some)
}

/// Where arrivals are looked at.
struct Gate<'a, W> {
    terms: &'a Terms,
    witness: &'a mut W,
    now: OffsetDateTime,
    tally: Tally,
    refusals: Vec<(Place, String, Refusal)>,
}

impl<W: Witness> Gate<'_, W> {
    /// Takes some in; says whether there may be more to come.
    async fn take_in_some(
        &mut self,
        transaction: &impl GenericClient,
        some: Vec<Arriving>,
    ) -> Result<bool, MovingError> {
        let count = some.len();
        let mut people = Vec::with_capacity(count);
        for Arriving { place, content } in some {
            match content {
                Err(why) => self.refuse(place, String::new(), Refusal::Unreadable(why)),
                Ok(MovingLine::User(line)) => {
                    let name = line.username.clone();
                    match judge::account(*line, self.terms, self.now) {
                        Ok(arrival) => people.push((place, arrival)),
                        Err(why) => self.refuse(place, name, why),
                    }
                }
                Ok(MovingLine::Role(line)) => {
                    self.people(transaction, std::mem::take(&mut people)).await?;
                    self.role(transaction, place, line).await?;
                }
                Ok(MovingLine::Tenant(line)) => {
                    self.people(transaction, std::mem::take(&mut people)).await?;
                    self.tenant(transaction, place, line).await?;
                }
            }
        }
        self.people(transaction, people).await?;
        self.report()?;
        self.witness.went_on(count);
        Ok(count == BATCH)
    }

    fn refuse(&mut self, place: Place, name: String, why: Refusal) {
        self.refusals.push((place, name, why));
    }

    /// Tells of refusals in the order of their places.
    fn report(&mut self) -> Result<(), MovingError> {
        self.refusals.sort_by_key(|(place, ..)| place.number);
        for (place, name, why) in self.refusals.drain(..) {
            if self.terms.strict {
                return Err(MovingError::Strict { place, name, why });
            }
            self.tally.refused += 1;
            self.witness.refused(place, &name, &why);
        }
        Ok(())
    }
}
