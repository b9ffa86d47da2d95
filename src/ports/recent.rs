//! What was found out a moment ago, under tags that only this process can make.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;
use time::{Duration, OffsetDateTime};
use zeroize::{Zeroize as _, Zeroizing};

use super::{Clock, Entropy};

/// Findings that are kept at most; of more nothing is known.
const MOST: usize = 10_000;

/// What something is kept under.
pub type Tag = [u8; 32];

/// Findings, each of which counts for a span of time.
///
/// Tags are HMAC-SHA-256 under a key that is drawn at the start and never leaves the process: whoever reads the memory
/// finds no secret that went into one (docs/performance.md, threat note).
pub struct Recent<T> {
    key: Zeroizing<[u8; 32]>,
    span: Duration,
    clock: Arc<dyn Clock>,
    book: Mutex<Book<T>>,
}

struct Book<T> {
    entries: HashMap<Tag, Found<T>>,
    /// When it was last gone through.
    swept_at: OffsetDateTime,
}

/// Something that was found out.
#[derive(Clone)]
pub struct Found<T> {
    /// When.
    pub at: OffsetDateTime,
    /// What.
    pub what: T,
}

impl<T> Drop for Recent<T> {
    fn drop(&mut self) {
        let book = self.book.get_mut().unwrap_or_else(PoisonError::into_inner);
        book.entries.drain().for_each(|(mut tag, _)| tag.zeroize());
    }
}

impl<T: Clone> Recent<T> {
    /// With nothing in it. No `span`, and nothing is ever kept.
    pub fn new(span: Duration, clock: Arc<dyn Clock>, entropy: &dyn Entropy) -> Self {
        let mut key = Zeroizing::new([0; 32]);
        entropy.fill(key.as_mut_slice());
        let book = Book { entries: HashMap::new(), swept_at: clock.now() };
        Self { key, span, clock, book: Mutex::new(book) }
    }

    /// The tag of these parts, in this order.
    pub fn tag(&self, parts: &[&[u8]]) -> Tag {
        let mac = Hmac::<Sha256>::new_from_slice(self.key.as_slice());
        let mut mac = mac.unwrap_or_else(|_| unreachable!("HMAC takes any key"));
        for part in parts {
            // With the lengths, so that no part can pass for two.
            mac.update(&part.len().to_be_bytes());
            mac.update(part);
        }
        mac.finalize().into_bytes().into()
    }

    /// What was found out under a tag, within the span.
    pub fn get(&self, tag: &Tag) -> Option<Found<T>> {
        let now = self.clock.now();
        self.book().entries.get(tag).filter(|found| self.is_fresh(found.at, now)).cloned()
    }

    /// Keeps what was found out at a moment.
    pub fn note(&self, tag: Tag, at: OffsetDateTime, what: T) {
        let now = self.clock.now();
        let mut book = self.book();
        if !self.is_fresh(book.swept_at, now) {
            book.entries.retain(|_, found| self.is_fresh(found.at, now));
            book.swept_at = now;
        }
        if book.entries.len() < MOST {
            book.entries.insert(tag, Found { at, what });
        }
    }

    fn is_fresh(&self, at: OffsetDateTime, now: OffsetDateTime) -> bool {
        (at..at + self.span).contains(&now)
    }

    fn book(&self) -> MutexGuard<'_, Book<T>> {
        self.book.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration as Seconds;

    use time::macros::datetime;

    use super::*;
    use crate::ports::{ManualClock, OsEntropy};

    fn recent() -> (Arc<ManualClock>, Recent<usize>) {
        let clock = Arc::new(ManualClock::at(datetime!(2026-11-21 12:00 UTC)));
        let recent = Recent::new(Duration::minutes(1), clock.clone(), &OsEntropy);
        (clock, recent)
    }

    #[test]
    fn a_finding_counts_for_its_span_and_no_longer() {
        let (clock, recent) = recent();
        let tag = recent.tag(&[b"one"]);
        recent.note(tag, clock.now(), 1);
        clock.advance(Seconds::from_secs(59));
        assert_eq!(recent.get(&tag).map(|found| found.what), Some(1));
        assert!(recent.get(&recent.tag(&[b"two"])).is_none());
        clock.advance(Seconds::from_secs(1));
        assert!(recent.get(&tag).is_none(), "the minute is over");
    }

    #[test]
    fn parts_are_no_other_parts_and_keys_no_other_keys() {
        let ((_, one), (_, other)) = (recent(), recent());
        let tags =
            [one.tag(&[b"ab", b"c"]), one.tag(&[b"a", b"bc"]), one.tag(&[b"abc"]), other.tag(&[b"abc"])];
        for (at, tag) in tags.iter().enumerate() {
            assert!(!tags[..at].contains(tag));
        }
    }

    #[test]
    fn the_book_has_an_end_and_is_gone_through_once_a_span() {
        let (clock, recent) = recent();
        for number in 0..MOST + 5 {
            recent.note(recent.tag(&[&number.to_be_bytes()]), clock.now(), number);
        }
        assert_eq!(recent.book().entries.len(), MOST);
        clock.advance(Seconds::from_secs(61));
        recent.note([0; 32], clock.now(), 0);
        assert_eq!(recent.book().entries.len(), 1);
    }
}
