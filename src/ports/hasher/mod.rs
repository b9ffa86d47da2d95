//! Password hashing: on threads of its own, so that it never holds up the service (DESIGN section 7, hashing).

mod bcrypt_parts;
mod bcrypt_sha256;
mod craft;
mod foreign;
#[cfg(any(fuzzing, test))]
pub(crate) mod fuzz;
mod legacy;
mod load;
mod remembered;
mod scheme;
mod threads;

use std::sync::{
    Arc,
    mpsc::{SyncSender, sync_channel},
};

use time::{Duration, OffsetDateTime};
use tokio::sync::oneshot;

pub use self::remembered::Guess;
use self::{craft::Craft, remembered::Remembered};
pub use self::{load::HashingLoad, scheme::Unusable as Unverifiable};
use crate::{
    domain::{Password, PasswordAttempt, PasswordHash},
    ports::{Clock, Entropy},
};

/// How much work a hash is and how much of it may wait.
#[derive(Clone, Copy, Debug)]
pub struct HasherSettings {
    /// Cost of new hashes: two to this power rounds of bcrypt. Held within [`HasherSettings::COSTS`].
    pub cost: u32,
    /// Number of threads; `None` is one a core.
    pub threads: Option<usize>,
    /// Number of jobs that may wait for a thread; at least one.
    pub queue: usize,
    /// How long a right password is known without comparing it again; never at zero.
    pub remember: Duration,
}

impl HasherSettings {
    /// Costs that bcrypt defines and a caller lives to see the end of. Below 10 is for tests (OWASP Password Storage).
    pub const COSTS: std::ops::RangeInclusive<u32> = 4..=20;
}

impl Default for HasherSettings {
    fn default() -> Self {
        Self { cost: 10, threads: None, queue: 256, remember: Duration::ZERO }
    }
}

/// More passwords are waiting than the queue holds; the caller asks again later (503 and `Retry-After`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("too many passwords are waiting to be hashed")]
pub struct Overloaded;

/// What became of an attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// The password is right.
    Right {
        /// Whether to store a new hash of it: the old one is of another scheme or cost.
        rehash: bool,
    },
    /// The password is right, as it was at that moment: nothing was compared now.
    RightSince(OffsetDateTime),
    /// Wrong password, no password, or a stored text that is no hash.
    Wrong,
}

type Job = Box<dyn FnOnce(&Craft) + Send>;

/// Hashes and verifies passwords on threads of its own, which end when its last clone is dropped.
#[derive(Clone)]
pub struct Hasher {
    jobs: SyncSender<Job>,
    load: Arc<load::Cells>,
    remembered: Arc<Remembered>,
}

impl Hasher {
    /// Starts the threads. Where the system refuses some the others do their work; that is logged.
    pub fn start(settings: HasherSettings, clock: Arc<dyn Clock>, entropy: Arc<dyn Entropy>) -> Self {
        let remembered = Arc::new(Remembered::new(settings.remember, clock, &*entropy));
        let (least, most) = (*HasherSettings::COSTS.start(), *HasherSettings::COSTS.end());
        let craft = Arc::new(Craft::new(settings.cost.clamp(least, most), entropy));
        let (jobs, waiting) = sync_channel(settings.queue.max(1));
        threads::start(settings.threads, waiting, &craft);
        Self { jobs, load: Arc::default(), remembered }
    }

    /// How busy the threads are.
    pub fn load(&self) -> HashingLoad {
        self.load.read()
    }

    /// Hashes a password in today's scheme and cost.
    ///
    /// # Errors
    /// [`Overloaded`] when the queue is full.
    pub async fn hash(&self, password: Password) -> Result<PasswordHash, Overloaded> {
        self.run(move |craft| craft.hash(&password)).await
    }

    /// As [`Hasher::verify`], for a sign-in by this name: what was right a moment ago is not compared again, unless others
    /// may be guessing, and what is claimed several times at once is compared once. The [`Guess`] is to be kept until a
    /// failure is counted.
    ///
    /// # Errors
    /// [`Overloaded`] when the queue is full.
    pub async fn verify_claim(
        &self,
        name: &str,
        attempt: PasswordAttempt,
        stored: Option<PasswordHash>,
    ) -> Result<(Verdict, Option<Guess>), Overloaded> {
        let compare = || self.verify(attempt.clone(), stored.clone());
        self.remembered.verdict(name, &attempt, stored.as_ref(), compare).await
    }

    /// Whether claims are being judged at this moment that may be guesses, with this name or at this password.
    pub fn is_guessed_at(&self, name: &str, stored: &PasswordHash) -> bool {
        self.remembered.is_guessed_for(name) || self.remembered.is_guessed_at(stored)
    }

    /// Somebody claims a name who may be guessing, and nobody has looked yet whose it is; until this goes.
    pub fn guess_for(&self, name: &str) -> Guess {
        self.remembered.guess_for(name)
    }

    /// Compares an attempt with what is stored; `None` (nobody of that name, no password, not allowed) costs as much.
    ///
    /// # Errors
    /// [`Overloaded`] when the queue is full.
    pub async fn verify(
        &self,
        attempt: PasswordAttempt,
        stored: Option<PasswordHash>,
    ) -> Result<Verdict, Overloaded> {
        self.run(move |craft| craft.verify(&attempt, stored.as_ref())).await
    }

    async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Craft) -> T + Send + 'static,
    ) -> Result<T, Overloaded> {
        let (reply, answer) = oneshot::channel();
        let load = Arc::clone(&self.load);
        let job = move |craft: &Craft| {
            let _running = load.begun();
            // A client that hung up has dropped the other end: its hash would be of use to nobody.
            if !reply.is_closed() {
                let _gone_meanwhile = reply.send(work(craft));
            }
        };
        self.load.queued();
        self.jobs.try_send(Box::new(job)).map_err(|_| {
            self.load.shed();
            Overloaded
        })?;
        answer.await.map_err(|_| Overloaded)
    }
}

#[cfg(test)]
mod tests;
