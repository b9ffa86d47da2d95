//! How long to wait before the next try.

use std::time::Duration;

use crate::ports::Entropy;

/// Waiting times that double from `first` to `longest`.
pub(crate) struct BackOff {
    first: Duration,
    longest: Duration,
}

/// For a letter that was not taken.
pub(crate) const LETTER: BackOff =
    BackOff { first: Duration::from_secs(10), longest: Duration::from_mins(30) };
/// For a relay that is away: asking costs one connection, and all letters wait for the answer.
pub(crate) const RELAY: BackOff = BackOff { first: Duration::from_secs(10), longest: Duration::from_mins(1) };
/// For a database that is away: nothing else can be done meanwhile.
pub(crate) const DATABASE: BackOff =
    BackOff { first: Duration::from_secs(1), longest: Duration::from_secs(15) };

impl BackOff {
    /// The wait after so many failures in a row: the nominal time and up to a quarter more, by chance, so that
    /// what failed together doesn't come back together.
    pub(crate) fn after(&self, failures: u32, entropy: &dyn Entropy) -> Duration {
        let doublings = failures.saturating_sub(1).min(16);
        let nominal = self.first.saturating_mul(1 << doublings).min(self.longest);
        let mut chance = [0_u8; 2];
        entropy.fill(&mut chance);
        let share = u32::from(u16::from_le_bytes(chance));
        (nominal + nominal * share / (4 * (1 << 16))).min(self.longest)
    }

    /// The longest wait there is.
    pub(crate) const fn longest(&self) -> Duration {
        self.longest
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Fixed(u8);

    impl Entropy for Fixed {
        fn fill(&self, bytes: &mut [u8]) {
            bytes.fill(self.0);
        }
    }

    #[test]
    fn a_letter_waits_ten_seconds_then_twice_as_long_each_time_up_to_half_an_hour() {
        let waits: Vec<u64> = (1..=10).map(|n| LETTER.after(n, &Fixed(0)).as_secs()).collect();
        assert_eq!(waits, [10, 20, 40, 80, 160, 320, 640, 1280, 1800, 1800]);
        assert_eq!(LETTER.after(u32::MAX, &Fixed(0)), LETTER.longest());
    }

    #[test]
    fn chance_adds_up_to_a_quarter_and_never_takes_away() {
        assert_eq!(LETTER.after(1, &Fixed(0)), Duration::from_secs(10));
        let most = LETTER.after(1, &Fixed(255));
        assert!(most > Duration::from_millis(12_400) && most < Duration::from_millis(12_501), "{most:?}");
        assert_eq!(LETTER.after(9, &Fixed(255)), Duration::from_mins(30));
    }
}
