//! What became of letters, written down for all that ended meanwhile with one statement.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use time::OffsetDateTime;

use crate::{
    domain::AccountId,
    mail::Reason,
    store::{
        GenericClient, StoreError,
        outbox::{self, Ending, PromisedLetter},
    },
};

/// How the carrying of one letter ended.
pub(super) enum Outcome {
    /// Accepted.
    Sent(Option<AccountId>),
    /// To be tried again.
    PutOff(OffsetDateTime, Reason),
    /// Never to be tried again.
    GivenUp(Ending, Reason),
    /// Not tried: no relay is there.
    Away(Reason),
}

/// A line of the ledger.
pub(super) struct Line {
    pub letter: Arc<PromisedLetter>,
    pub outcome: Outcome,
    /// When it ended.
    pub at: OffsetDateTime,
}

/// Lines that are still to be written. They stay while the database is away: a letter that was accepted and not
/// marked would go twice.
#[derive(Default)]
pub(super) struct Ledger(Mutex<Vec<Line>>);

impl Ledger {
    pub(super) fn add(&self, lines: impl IntoIterator<Item = Line>) {
        self.lines().extend(lines);
    }

    pub(super) fn is_empty(&self) -> bool {
        self.lines().is_empty()
    }

    /// Writes all lines, and returns the letters and how many of them were sent. What could not be written is kept;
    /// writing a line again does no harm.
    pub(super) async fn write(&self, client: &impl GenericClient) -> Result<(Vec<i64>, usize), StoreError> {
        let lines = std::mem::take(&mut *self.lines());
        match write(client, &lines).await {
            Ok(sent) => Ok((lines.iter().map(|line| line.letter.id).collect(), sent)),
            Err(error) => {
                self.lines().splice(0..0, lines);
                Err(error)
            }
        }
    }

    fn lines(&self) -> MutexGuard<'_, Vec<Line>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

async fn write(client: &impl GenericClient, lines: &[Line]) -> Result<usize, StoreError> {
    let (mut sent, mut untried, mut why) = (Vec::new(), Vec::new(), None);
    for Line { letter, outcome, .. } in lines {
        match outcome {
            Outcome::Sent(account) => sent.push((letter.id, *account)),
            Outcome::Away(reason) => {
                untried.push(&**letter);
                why = Some(reason.to_string());
            }
            Outcome::PutOff(..) | Outcome::GivenUp(..) => {}
        }
    }
    if !untried.is_empty() {
        outbox::release(client, &untried, why.as_deref()).await?;
    }
    if let Some(at) = lines.iter().map(|line| line.at).max().filter(|_| !sent.is_empty()) {
        outbox::sent(client, &sent, at).await?;
    }
    for Line { letter, outcome, at } in lines {
        match outcome {
            Outcome::Sent(_) | Outcome::Away(_) => {}
            Outcome::PutOff(due, reason) => {
                outbox::retry_at(client, letter, *due, &reason.to_string()).await?;
            }
            Outcome::GivenUp(ending, reason) => {
                outbox::give_up(client, letter, *ending, *at, &reason.to_string()).await?;
            }
        }
    }
    Ok(sent.len())
}
