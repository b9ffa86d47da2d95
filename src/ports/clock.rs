//! The time: the machine's in production, one moved by hand in tests.

use std::{
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicI64, Ordering},
    },
    time::Duration,
};

use time::OffsetDateTime;

/// Tells the time, in UTC.
pub trait Clock: Send + Sync + 'static {
    /// The present moment, cut to the microseconds that PostgreSQL keeps.
    fn now(&self) -> OffsetDateTime;
}

/// The machine's clock, corrected to the database's (DESIGN section 2, times).
#[derive(Default)]
pub struct SystemClock {
    correction_us: AtomicI64,
}

impl SystemClock {
    /// Takes over the difference database minus machine, so that instances with wrong clocks agree.
    pub fn correct(&self, database: OffsetDateTime) -> time::Duration {
        let skew = database - machine_time();
        let microseconds = i64::try_from(skew.whole_microseconds()).unwrap_or_default();
        self.correction_us.store(microseconds, Ordering::Relaxed);
        skew
    }
}

impl Clock for SystemClock {
    fn now(&self) -> OffsetDateTime {
        machine_time() + time::Duration::microseconds(self.correction_us.load(Ordering::Relaxed))
    }
}

#[expect(clippy::disallowed_methods, reason = "the one place that asks the machine for the time")]
fn machine_time() -> OffsetDateTime {
    cut_to_microseconds(OffsetDateTime::now_utc())
}

fn cut_to_microseconds(time: OffsetDateTime) -> OffsetDateTime {
    time.replace_nanosecond(time.nanosecond() / 1000 * 1000).unwrap_or(time)
}

/// A clock that stands still until it is moved.
pub struct ManualClock(Mutex<OffsetDateTime>);

impl ManualClock {
    /// A clock that shows `start`.
    pub fn at(start: OffsetDateTime) -> Self {
        Self(Mutex::new(cut_to_microseconds(start)))
    }

    /// Moves the clock forward.
    pub fn advance(&self, by: Duration) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) += by;
    }
}

impl Clock for ManualClock {
    fn now(&self) -> OffsetDateTime {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
