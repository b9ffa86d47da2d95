//! One letter on its way: rendered, handed over, and judged by what the relay said.

use std::{
    future::{Future, poll_fn},
    panic::{AssertUnwindSafe, catch_unwind},
    pin::pin,
    sync::Arc,
    task::Poll,
    time::Duration,
};

use tokio::time::Instant;

use super::{
    Courier,
    ledger::{Line, Outcome},
};
use crate::{
    domain::AccountId,
    mail::{DeliveryError, Reason, Subject, backoff::LETTER},
    store::{
        addressees::Addressee,
        outbox::{Ending, PromisedLetter},
    },
};

/// With less time than this before a letter's end there is no further try.
const NOT_WORTH_IT: Duration = Duration::from_secs(30);
/// A letter that has waited longer than this for its lane is prepared anew: it may have been withdrawn meanwhile.
const FRESH: Duration = Duration::from_secs(5);

/// A letter whose secret, if it has one, is in the database.
pub(super) struct Ready {
    pub letter: Arc<PromisedLetter>,
    pub to: Addressee,
    pub account: Option<AccountId>,
    pub subject: Subject,
    pub since: Instant,
}

impl Ready {
    /// A letter that was prepared just now.
    pub(super) fn now(
        letter: &Arc<PromisedLetter>,
        to: Addressee,
        account: Option<AccountId>,
        subject: Subject,
    ) -> Self {
        Self { letter: letter.clone(), to, account, subject, since: Instant::now() }
    }
}

/// What a lane returns.
pub(super) enum Carried {
    /// How it ended.
    Ended(Line),
    /// It lay too long and has to be prepared again.
    Stale(Arc<PromisedLetter>),
}

impl Courier {
    /// Carries one letter. Whatever goes wrong with it, a panic included, is this letter's own affair.
    pub(super) async fn carry(&self, ready: Ready) -> Carried {
        if ready.since.elapsed() > FRESH {
            return Carried::Stale(ready.letter);
        }
        let outcome = match unwound(self.offer(&ready)).await {
            Some(outcome) => outcome,
            None => self.put_off(&ready.letter, Reason::new("a defect of the program was met")),
        };
        Carried::Ended(self.line(ready.letter, outcome))
    }

    /// A line for the ledger, and for the log.
    pub(super) fn line(&self, letter: Arc<PromisedLetter>, outcome: Outcome) -> Line {
        let (number, kind, tries) = (letter.id, letter.kind.as_str(), letter.attempts);
        let at = self.clock.now();
        match &outcome {
            Outcome::Sent(_) => tracing::info!(letter = number, kind, "letter delivered"),
            Outcome::PutOff(due, reason) => {
                let wait_s = (*due - at).whole_seconds();
                tracing::warn!(letter = number, kind, tries, wait_s, reason = reason.what, "letter put off");
            }
            Outcome::GivenUp(_, reason) => {
                tracing::warn!(letter = number, kind, tries, reason = reason.what, "letter given up");
            }
            Outcome::Away(_) => {}
        }
        Line { letter, outcome, at }
    }

    async fn offer(&self, ready: &Ready) -> Outcome {
        let Ready { letter, to, account, subject, .. } = ready;
        let now = self.clock.now();
        if letter.deadline() <= now {
            return Outcome::GivenUp(Ending::Expired, Reason::new("not delivered in time"));
        }
        let written = self.renderer.render(subject, letter, to, now);
        let written = match written {
            Ok(written) => written,
            Err(defect) => {
                return self
                    .put_off(letter, Reason::new(format!("the letter could not be written: {defect}")));
            }
        };
        match self.transport.deliver(&written, &*self.clock, &*self.entropy).await {
            Ok(()) => Outcome::Sent(*account),
            Err(DeliveryError::Unreachable(reason)) => Outcome::Away(reason),
            Err(DeliveryError::Temporary(reason)) => self.put_off(letter, reason),
            Err(DeliveryError::Permanent(reason)) => Outcome::GivenUp(Ending::Refused, reason),
        }
    }

    /// Waits longer after each try, but never past the half of the time that is left, so that the last tries
    /// are not lost to a long wait.
    pub(super) fn put_off(&self, letter: &PromisedLetter, reason: Reason) -> Outcome {
        let now = self.clock.now();
        let left = Duration::try_from(letter.deadline() - now).unwrap_or_default();
        if left < NOT_WORTH_IT {
            return Outcome::GivenUp(Ending::Expired, reason);
        }
        let tries = u32::try_from(letter.attempts).unwrap_or_default();
        Outcome::PutOff(now + LETTER.after(tries, &*self.entropy).min(left / 2), reason)
    }
}

/// Runs to the end, or to a panic: then `None`. A panic that ended the courier would keep every letter waiting.
async fn unwound<T>(work: impl Future<Output = T>) -> Option<T> {
    let mut work = pin!(work);
    poll_fn(|context| match catch_unwind(AssertUnwindSafe(|| work.as_mut().poll(context))) {
        Ok(Poll::Pending) => Poll::Pending,
        Ok(Poll::Ready(done)) => Poll::Ready(Some(done)),
        Err(_) => Poll::Ready(None),
    })
    .await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_panic_is_the_end_of_the_work_and_not_of_the_worker() {
        assert_eq!(unwound(async { 7 }).await, Some(7));
        let broken = async {
            tokio::task::yield_now().await;
            panic!("on purpose")
        };
        assert_eq!(unwound::<()>(broken).await, None);
    }
}
