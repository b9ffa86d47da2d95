//! Giving way: letters wait a little while requests pour in, so that the two don't share the processors evenly.

use std::time::Duration;

use tokio::time::Instant;

use crate::ports::Bell;

/// Letters a second that are taken on even then (the bar of DESIGN section 8, for one courier).
const STEADY: u32 = 500;
/// Promises a second from which on it pours.
const POURING: u32 = 500;
/// How often the courier looks whether it still does.
pub(super) const LOOK: Duration = Duration::from_millis(10);

/// When letters were last taken on, and how many.
pub(super) struct TakenOn {
    at: Instant,
    letters: usize,
    rings: u64,
}

impl TakenOn {
    pub(super) fn now(letters: usize, bell: &Bell) -> Self {
        Self { at: Instant::now(), letters, rings: bell.rings() }
    }

    /// Whether more should wait: it has poured since, and the steady pace is kept.
    pub(super) fn is_enough(&self, bell: &Bell) -> bool {
        let since = self.at.elapsed();
        let share = Duration::from_secs(1) / STEADY * u32::try_from(self.letters).unwrap_or(u32::MAX);
        let rings = bell.rings().wrapping_sub(self.rings) as f64;
        since < share && rings >= f64::from(POURING) * since.max(LOOK).as_secs_f64()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn in_calm_times_nothing_waits_and_when_it_pours_the_steady_pace_is_kept() {
        let bell = Bell::default();
        let ago = |letters, milliseconds| TakenOn {
            at: Instant::now() - Duration::from_millis(milliseconds),
            ..TakenOn::now(letters, &bell)
        };
        let (early, late) = (ago(200, 100), ago(200, 401));
        assert!(!early.is_enough(&bell), "calm");
        (0..200).for_each(|_| bell.ring());
        assert!(early.is_enough(&bell), "2,000 a second");
        assert!(!late.is_enough(&bell), "200 letters are 400 ms");
        let slow = TakenOn { rings: 150, ..ago(200, 300) };
        assert!(!slow.is_enough(&bell), "fewer than 500 a second");
    }
}
