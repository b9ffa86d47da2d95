//! Token buckets, one for each address or client that failed lately.
//!
//! Own code because only failures take a token, long after the question whether there is one: the crates for it take
//! one as they ask.

use std::collections::HashMap;

use time::{Duration, OffsetDateTime};

use crate::domain::Network;

/// Where failures come from.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) enum Source {
    /// An address.
    Network(Network),
    /// A client of `POST /oauth`, by its name.
    Client(String),
}

/// How fast a bucket empties and fills.
#[derive(Clone, Copy)]
pub(super) struct Rate {
    pub(super) burst: u32,
    pub(super) a_minute: u32,
}

impl Rate {
    /// What it takes for one token to come back.
    fn interval(self) -> Duration {
        Duration::minutes(1) / f64::from(self.a_minute.max(1))
    }
}

/// Most sources that are remembered: some 8 MB.
const MOST: usize = 65_536;

/// How often the full buckets are looked for, when there is no more room.
const SWEEP: Duration = Duration::SECOND;

/// For each source the moment at which its bucket is full again; the full ones are not kept.
#[derive(Default)]
pub(super) struct Sources {
    full_at: HashMap<Source, OffsetDateTime>,
    swept_at: Option<OffsetDateTime>,
}

impl Sources {
    /// Until when the bucket of a source is empty, if it is.
    pub(super) fn held_until(
        &self,
        source: &Source,
        rate: Rate,
        now: OffsetDateTime,
    ) -> Option<OffsetDateTime> {
        let free = *self.full_at.get(source)? - rate.interval() * (f64::from(rate.burst.max(1)) - 1.0);
        (free > now).then_some(free)
    }

    /// Takes a token out, if there is one.
    pub(super) fn charge(&mut self, source: Source, rate: Rate, now: OffsetDateTime) {
        if self.full_at.len() >= MOST && !self.full_at.contains_key(&source) && !self.sweep(now) {
            // Whoever owns so many networks is held back by name and account; the others stay held back by address.
            return;
        }
        let empty = now + rate.interval() * f64::from(rate.burst.max(1));
        let full = self.full_at.entry(source).or_insert(now);
        *full = ((*full).max(now) + rate.interval()).min(empty);
    }

    /// Forgets the full buckets, now and then; whether there is room.
    fn sweep(&mut self, now: OffsetDateTime) -> bool {
        if self.swept_at.is_none_or(|swept_at| swept_at + SWEEP <= now) {
            self.swept_at = Some(now);
            self.full_at.retain(|_, full| *full > now);
        }
        self.full_at.len() < MOST
    }
}

#[cfg(test)]
mod tests {
    use time::macros::datetime;

    use super::*;

    const NOON: OffsetDateTime = datetime!(2026-11-21 12:00 UTC);
    const RATE: Rate = Rate { burst: 3, a_minute: 60 };

    fn client() -> Source {
        Source::Client("ios".to_owned())
    }

    #[test]
    fn a_bucket_holds_its_burst_and_fills_at_its_rate() {
        let mut sources = Sources::default();
        for _ in 0..3 {
            assert_eq!(sources.held_until(&client(), RATE, NOON), None);
            sources.charge(client(), RATE, NOON);
        }
        let second = Duration::SECOND;
        assert_eq!(sources.held_until(&client(), RATE, NOON), Some(NOON + second));
        assert_eq!(sources.held_until(&client(), RATE, NOON + second), None);
    }

    #[test]
    fn however_many_failures_come_at_once_the_debt_ends_with_the_bucket() {
        let mut sources = Sources::default();
        (0..1000).for_each(|_| sources.charge(client(), RATE, NOON));
        assert_eq!(sources.held_until(&client(), RATE, NOON), Some(NOON + Duration::SECOND));
    }

    #[test]
    fn what_is_remembered_has_an_end() {
        let mut sources = Sources::default();
        (0..2 * MOST).for_each(|number| sources.charge(Source::Client(number.to_string()), RATE, NOON));
        assert_eq!(sources.full_at.len(), MOST);
        sources.charge(client(), RATE, NOON + Duration::MINUTE);
        assert_eq!(sources.full_at.len(), 1);
    }
}
