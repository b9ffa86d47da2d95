//! Passwords that were right a moment ago, and comparisons that are under way: programs that sign in by the thousand
//! cost one bcrypt a minute for each account (DESIGN section 2, hashing and load).
//!
//! What is kept is an HMAC over the stored hash and the password, under a key that is drawn at the start and never
//! leaves the process. It holds only while the account's row holds the same hash, which is read at every sign-in:
//! a changed password, a disabled account or a removed one is refused at once (docs/performance.md, threat note).

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use time::Duration;
use tokio::sync::OnceCell;

use super::{Overloaded, Verdict};
use crate::{
    domain::{PasswordAttempt, PasswordHash},
    ports::{Begun, Clock, Entropy, Recent, UnderWay, recent::Tag},
};

/// What is remembered, and what is being found out.
pub(super) struct Remembered {
    clock: Arc<dyn Clock>,
    right: Recent<()>,
    flights: Mutex<HashMap<Tag, Arc<OnceCell<Verdict>>>>,
    /// Claims that may be guesses: by the stored hash that they are held against, since one account has several names,
    /// and by the name that was claimed, for the while in which nobody has looked yet whose it is.
    guesses: UnderWay<Tag>,
}

/// A claim that may be a guess. Whoever made it keeps this until a failure is counted: meanwhile nothing is taken from
/// memory for that password, nor is anybody of that name signed in as one who came before, or of many guesses at once
/// the right one would be known before the wrong ones count.
pub struct Guess {
    _counted: Begun<Tag>,
}

impl Remembered {
    pub(super) fn new(span: Duration, clock: Arc<dyn Clock>, entropy: &dyn Entropy) -> Self {
        let right = Recent::new(span, clock.clone(), entropy);
        Self { clock, right, flights: Mutex::default(), guesses: UnderWay::default() }
    }

    /// The verdict on what `name` claims: remembered, or that of a comparison that is under way, or `compare`'s.
    ///
    /// Nobody shares a comparison with another name: names that nobody has would be answered sooner than others
    /// when several are tried at once, and that would tell them apart.
    pub(super) async fn verdict<F>(
        &self,
        name: &str,
        attempt: &PasswordAttempt,
        stored: Option<&PasswordHash>,
        compare: impl FnOnce() -> F,
    ) -> Result<(Verdict, Option<Guess>), Overloaded>
    where
        F: Future<Output = Result<Verdict, Overloaded>>,
    {
        let hash = stored.map_or(&[][..], |stored| stored.as_str().as_bytes());
        let right = stored.map(|_| self.right.tag(&[b"right", hash, text(attempt)]));
        let known = right.and_then(|tag| self.right.get(&tag));
        let guess = match (known, stored) {
            (Some(found), Some(stored)) if !self.is_guessed_at(stored) => {
                return Ok((Verdict::RightSince(found.at), None));
            }
            (None, Some(stored)) => Some(self.guess(stored)),
            _ => None,
        };
        let tag = self.right.tag(&[b"flight", name.as_bytes(), hash, text(attempt)]);
        let flight = self.flight(tag);
        // Where the client of whoever began hangs up, the next in the row begins again.
        let verdict = *flight.cell.get_or_try_init(compare).await?;
        if let (Some(tag), Verdict::Right { rehash: false }) = (right, verdict) {
            self.right.note(tag, self.clock.now(), ());
        }
        Ok((verdict, guess))
    }

    /// Whether claims are being judged that may be guesses at this password.
    pub(super) fn is_guessed_at(&self, stored: &PasswordHash) -> bool {
        !self.guesses.is_empty() && self.guesses.has(&self.password(stored))
    }

    /// Whether claims to this name are being judged that may be guesses.
    pub(super) fn is_guessed_for(&self, name: &str) -> bool {
        !self.guesses.is_empty() && self.guesses.has(&self.name(name))
    }

    /// Somebody claims a name who may be guessing.
    pub(super) fn guess_for(&self, name: &str) -> Guess {
        Guess { _counted: self.guesses.begin(self.name(name)) }
    }

    fn guess(&self, stored: &PasswordHash) -> Guess {
        Guess { _counted: self.guesses.begin(self.password(stored)) }
    }

    fn name(&self, name: &str) -> Tag {
        self.right.tag(&[b"name", name.as_bytes()])
    }

    fn password(&self, stored: &PasswordHash) -> Tag {
        self.right.tag(&[b"password", stored.as_str().as_bytes()])
    }

    fn flight(&self, tag: Tag) -> Flight<'_> {
        let cell = Arc::clone(locked(&self.flights).entry(tag).or_default());
        Flight { of: self, tag, cell }
    }
}

/// One who waits for a comparison. The last one to go clears up.
struct Flight<'a> {
    of: &'a Remembered,
    tag: Tag,
    cell: Arc<OnceCell<Verdict>>,
}

impl Drop for Flight<'_> {
    fn drop(&mut self) {
        let mut flights = locked(&self.of.flights);
        // The table's own and this one.
        if Arc::strong_count(&self.cell) <= 2 {
            flights.remove(&self.tag);
        }
    }
}

fn text(attempt: &PasswordAttempt) -> &[u8] {
    attempt.typed().as_bytes()
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use std::{
        sync::atomic::{AtomicUsize, Ordering::SeqCst},
        time::Duration as Seconds,
    };

    use time::macros::datetime;

    use super::*;
    use crate::ports::{ManualClock, OsEntropy};

    const RIGHT: Verdict = Verdict::Right { rehash: false };

    struct Desk {
        clock: Arc<ManualClock>,
        remembered: Remembered,
        compared: AtomicUsize,
    }

    impl Desk {
        fn new() -> Self {
            let clock = Arc::new(ManualClock::at(datetime!(2026-11-21 12:00 UTC)));
            let remembered = Remembered::new(Duration::minutes(1), clock.clone(), &OsEntropy);
            Self { clock, remembered, compared: AtomicUsize::new(0) }
        }

        /// What is said of a claim, where a comparison would say `verdict`; and how many comparisons there were.
        async fn ask(&self, claim: [&str; 3], verdict: Verdict) -> (Verdict, usize) {
            let [name, typed, stored] = claim;
            let attempt = PasswordAttempt::parse(typed).unwrap();
            let stored = Some(stored).filter(|stored| !stored.is_empty());
            let stored = stored.map(|stored| PasswordHash::stored(stored.to_owned()));
            let compare = async || {
                self.compared.fetch_add(1, SeqCst);
                tokio::task::yield_now().await;
                Ok(verdict)
            };
            let verdict = self.remembered.verdict(name, &attempt, stored.as_ref(), compare).await;
            (verdict.unwrap().0, self.compared.swap(0, SeqCst))
        }
    }

    #[tokio::test]
    async fn a_right_password_is_remembered_for_a_minute_and_only_with_its_hash() {
        let desk = Desk::new();
        let claim = ["alice", "secret", "hash 1"];
        let since = Verdict::RightSince(desk.clock.now());
        assert_eq!(desk.ask(claim, RIGHT).await, (RIGHT, 1));
        desk.clock.advance(Seconds::from_secs(59));
        assert_eq!(desk.ask(claim, Verdict::Wrong).await, (since, 0), "nothing is compared");
        for other in [["alice", "Secret", "hash 1"], ["alice", "secret", "hash 2"], ["alice", "secret", ""]] {
            assert_eq!(desk.ask(other, Verdict::Wrong).await, (Verdict::Wrong, 1), "{other:?}");
        }
        desk.clock.advance(Seconds::from_secs(1));
        assert_eq!(desk.ask(claim, Verdict::Wrong).await, (Verdict::Wrong, 1), "the minute is over");
    }

    #[tokio::test]
    async fn what_was_wrong_or_is_to_be_hashed_anew_is_never_remembered() {
        let desk = Desk::new();
        for verdict in [Verdict::Wrong, Verdict::Right { rehash: true }] {
            for _ in 0..2 {
                assert_eq!(desk.ask(["alice", "secret", "hash"], verdict).await, (verdict, 1));
            }
        }
    }

    #[tokio::test]
    async fn who_claims_the_same_at_the_same_time_shares_a_comparison_and_nobody_else_does() {
        let desk = Desk::new();
        let (one, other) = (["alice", "wrong", "hash"], ["bob", "wrong", ""]);
        let (a, b, c) = tokio::join!(
            desk.ask(one, Verdict::Wrong),
            desk.ask(one, Verdict::Wrong),
            desk.ask(other, Verdict::Wrong)
        );
        assert_eq!((a.1 + b.1 + c.1, a.0, b.0, c.0), (2, Verdict::Wrong, Verdict::Wrong, Verdict::Wrong));
        let (a, b) = tokio::join!(
            desk.ask(["carol", "wrong", ""], Verdict::Wrong),
            desk.ask(["dave", "wrong", ""], Verdict::Wrong)
        );
        assert_eq!(a.1 + b.1, 2, "two names that nobody has are told nothing by the time they take");
        assert!(locked(&desk.remembered.flights).is_empty());
    }

    #[tokio::test]
    async fn nothing_is_taken_from_memory_while_a_guess_is_not_counted() {
        let desk = Desk::new();
        let claim = ["alice", "secret", "hash"];
        assert_eq!(desk.ask(claim, RIGHT).await, (RIGHT, 1));
        let stored = PasswordHash::stored("hash".to_owned());
        let guess = desk.remembered.guess(&stored);
        assert_eq!(desk.ask(claim, RIGHT).await, (RIGHT, 1), "it is compared anew");
        assert!(matches!(desk.ask(["bob", "other", "hash 2"], RIGHT).await, (RIGHT, 1)));
        assert!(matches!(desk.ask(["bob", "other", "hash 2"], RIGHT).await, (Verdict::RightSince(_), 0)));
        drop(guess);
        assert!(matches!(desk.ask(claim, RIGHT).await, (Verdict::RightSince(_), 0)), "it is over");
        assert!(desk.remembered.guesses.is_empty());
    }

    #[tokio::test]
    async fn a_comparison_whose_client_hung_up_is_begun_again_by_the_next() {
        let desk = Desk::new();
        let claim = ["alice", "secret", "hash"];
        let mut first = Box::pin(desk.ask(claim, RIGHT));
        assert!(futures_util::FutureExt::now_or_never(&mut first).is_none());
        let second = desk.ask(claim, RIGHT);
        let (second, ()) = tokio::join!(second, async move { drop(first) });
        assert_eq!(second, (RIGHT, 2));
        assert!(locked(&desk.remembered.flights).is_empty());
    }
}
