//! One letter on its way: minted, rendered, handed over, and its outcome noted.

use std::{
    future::{Future, poll_fn},
    panic::{AssertUnwindSafe, catch_unwind},
    pin::pin,
    task::Poll,
    time::Duration,
};

use time::OffsetDateTime;

use super::{Courier, backoff::LETTER};
use crate::{
    domain::{AccountId, LetterKind, ResetKey},
    mail::{DeliveryError, Letter, Reason, RenderError, Subject},
    store::{
        StoreError,
        accounts::{self, Addressee},
        outbox::{self, PromisedLetter},
        reset_keys,
    },
};

/// With less time than this before a letter's end there is no further try.
const NOT_WORTH_IT: Duration = Duration::from_secs(30);

/// How the carrying of one letter ended.
pub(super) enum Outcome {
    /// Accepted, and noted.
    Delivered,
    /// Put off, given up, or not this courier's any more.
    Settled,
    /// The relay is away; the letter was not offered.
    Away(Reason),
}

/// Why there is no letter to hand over.
#[derive(Debug, thiserror::Error)]
enum Unwritten {
    #[error("the letter could not be prepared: {0}")]
    Store(#[from] StoreError),
    #[error("the letter could not be written: {0}")]
    Render(#[from] RenderError),
}

impl Courier {
    /// Carries one leased letter. Whatever goes wrong with it, a panic included, is this letter's own affair.
    pub(super) async fn carry(&self, promised: &PromisedLetter) -> Result<Outcome, StoreError> {
        match unwound(self.try_to_carry(promised)).await {
            Some(outcome) => outcome,
            None => self.put_off(promised, &Reason::new("a defect of the program was met")).await,
        }
    }

    async fn try_to_carry(&self, promised: &PromisedLetter) -> Result<Outcome, StoreError> {
        let now = self.clock.now();
        if promised.deadline() <= now {
            return self.give_up(promised, &Reason::new("not delivered in time")).await;
        }
        let (letter, account) = match self.write(promised, now).await {
            Ok(Some(written)) => written,
            Ok(None) => return Ok(Outcome::Settled),
            Err(Unwritten::Store(outage @ StoreError::Unavailable(_))) => return Err(outage),
            Err(defect) => return self.put_off(promised, &Reason::new(defect.to_string())).await,
        };
        let answer = self.transport.deliver(&letter).await;
        if !matches!(answer, Err(DeliveryError::Unreachable(_))) {
            self.relay.is_there();
        }
        match answer {
            Ok(()) => self.note_sent(promised, account).await,
            Err(DeliveryError::Unreachable(reason)) => Ok(Outcome::Away(reason)),
            Err(DeliveryError::Temporary(reason)) => self.put_off(promised, &reason).await,
            Err(DeliveryError::Permanent(reason)) => self.give_up(promised, &reason).await,
        }
    }

    /// Mints what the letter needs and renders it; `None` when nobody is to get it or it is gone.
    ///
    /// The transaction ends before the relay hears of the letter. A crash in between leaves a key that nobody
    /// knows, and the next try adds another one to the same request.
    async fn write(
        &self,
        promised: &PromisedLetter,
        now: OffsetDateTime,
    ) -> Result<Option<(Letter, AccountId)>, Unwritten> {
        let key = ResetKey::draw(|bytes| self.entropy.fill(bytes));
        let Some(addressee) = self.prepare(promised, &key, now).await? else { return Ok(None) };
        let subject = match promised.kind {
            LetterKind::PasswordReset => Subject::PasswordReset(&key),
            LetterKind::PasswordChanged => Subject::PasswordChanged,
        };
        let letter = self.renderer.render(&subject, promised, &addressee, now)?;
        Ok(Some((letter, addressee.account)))
    }

    async fn prepare(
        &self,
        promised: &PromisedLetter,
        key: &ResetKey,
        now: OffsetDateTime,
    ) -> Result<Option<Addressee>, StoreError> {
        let mut client = self.database.client().await?;
        let transaction = client.transaction().await?;
        if !outbox::hold(&transaction, promised).await? {
            return Ok(None);
        }
        let addressee = match (promised.kind, promised.account) {
            (LetterKind::PasswordReset, _) => {
                reset_keys::mint(&transaction, promised, &key.digest(), now).await?
            }
            (LetterKind::PasswordChanged, Some(account)) => {
                accounts::addressee(&transaction, account).await?
            }
            (LetterKind::PasswordChanged, None) => None,
        };
        if addressee.is_none() {
            outbox::forget(&transaction, promised.id).await?;
        }
        transaction.commit().await?;
        Ok(addressee)
    }

    async fn note_sent(&self, promised: &PromisedLetter, account: AccountId) -> Result<Outcome, StoreError> {
        let client = self.database.client().await?;
        outbox::sent(&client, promised, account, self.clock.now()).await?;
        tracing::info!(letter = promised.id, kind = promised.kind.as_str(), "letter delivered");
        Ok(Outcome::Delivered)
    }

    /// Waits longer after each try, but never past the half of the time that is left, so that the last tries
    /// are not lost to a long wait.
    async fn put_off(&self, promised: &PromisedLetter, reason: &Reason) -> Result<Outcome, StoreError> {
        let now = self.clock.now();
        let left = Duration::try_from(promised.deadline() - now).unwrap_or_default();
        if left < NOT_WORTH_IT {
            return self.give_up(promised, reason).await;
        }
        let tries = u32::try_from(promised.attempts).unwrap_or_default();
        let wait = LETTER.after(tries, &*self.entropy).min(left / 2);
        let client = self.database.client().await?;
        outbox::retry_at(&client, promised, now + wait, &reason.to_string()).await?;
        let (letter, kind, wait_s) = (promised.id, promised.kind.as_str(), wait.as_secs());
        tracing::warn!(letter, kind, tries, wait_s, reason = reason.what, "letter put off");
        Ok(Outcome::Settled)
    }

    async fn give_up(&self, promised: &PromisedLetter, reason: &Reason) -> Result<Outcome, StoreError> {
        let client = self.database.client().await?;
        outbox::give_up(&client, promised, self.clock.now(), &reason.to_string()).await?;
        let (letter, kind, tries) = (promised.id, promised.kind.as_str(), promised.attempts);
        tracing::warn!(letter, kind, tries, reason = reason.what, "letter given up");
        Ok(Outcome::Settled)
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
