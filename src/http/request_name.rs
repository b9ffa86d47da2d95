//! What a request is called: the client's own `X-Request-Id` if it is sane, else a new one, and the trace it is part of.

use std::cell::Cell;

use tokio::task_local;
use warp::{
    http::{HeaderMap, HeaderName, HeaderValue},
    reply::Response,
};

use crate::{
    api::uuid,
    ports::{Entropy as _, OsEntropy},
};

/// What clients, and proxies on the way, call a request by.
const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
/// The trace that a request is part of (W3C Trace Context).
const TRACEPARENT: HeaderName = HeaderName::from_static("traceparent");
/// Longest name of a client's that is taken over, in characters.
const LONGEST: usize = 64;

task_local! {
    /// The request that the running task answers.
    static CURRENT: RequestName;
}

/// The name of a request, for its answer and for every line in the log about it. It is copied along with the request, so
/// it lies in one piece.
#[derive(Clone, Debug)]
pub struct RequestName {
    id: [u8; LONGEST],
    length: usize,
    /// What the client said instead, where that was not sane.
    said: Option<HeaderValue>,
    trace: Option<[u8; 32]>,
}

impl RequestName {
    /// The name that a request brings, or a new one.
    pub fn of(headers: &HeaderMap) -> Self {
        let trace = headers.get(TRACEPARENT).and_then(|parent| trace_of(parent.as_bytes()));
        match headers.get(REQUEST_ID) {
            None => Self::spelt(&new_id(), None, trace),
            Some(said) if is_sane(said.as_bytes()) => Self::spelt(said.as_bytes(), None, trace),
            Some(said) => Self::spelt(&new_id(), Some(said.clone()), trace),
        }
    }

    fn spelt(letters: &[u8], said: Option<HeaderValue>, trace: Option<[u8; 32]>) -> Self {
        let (mut id, length) = ([0; LONGEST], letters.len().min(LONGEST));
        id[..length].copy_from_slice(&letters[..length]);
        Self { id, length, said, trace }
    }

    /// The name itself.
    pub fn id(&self) -> &str {
        std::str::from_utf8(&self.id[..self.length]).unwrap_or_default()
    }

    /// What the client calls it, sane or not, or else the name itself: for a contract with rules of its own.
    pub(super) fn said(&self) -> &[u8] {
        self.said.as_ref().map_or(&self.id[..self.length], HeaderValue::as_bytes)
    }

    fn header(&self) -> HeaderValue {
        HeaderValue::from_bytes(&self.id[..self.length]).unwrap_or(HeaderValue::from_static("-"))
    }

    /// Puts the name on an answer that bears none yet.
    pub fn on(&self, mut response: Response) -> Response {
        response.headers_mut().entry(REQUEST_ID).or_insert_with(|| self.header());
        response
    }

    /// The trace that the request is part of, 32 hexadecimal digits.
    pub fn trace(&self) -> Option<&str> {
        self.trace.as_ref().and_then(|digits| std::str::from_utf8(digits).ok())
    }

    /// Does some work in the name of this request: whatever is logged meanwhile can be told whose it is.
    pub(super) fn over<F: Future>(&self, work: F) -> impl Future<Output = F::Output> + use<F> {
        CURRENT.scope(self.clone(), work)
    }

    /// Looks at the name of the request that is being answered at this moment in this task, if there is one.
    pub fn current<T>(look: impl FnOnce(&Self) -> T) -> Option<T> {
        CURRENT.try_with(look).ok()
    }
}

/// What can neither break a line nor be mistaken for more than a name.
fn is_sane(id: &[u8]) -> bool {
    let plain = |byte: &u8| byte.is_ascii_alphanumeric() || b"._-".contains(byte);
    (1..=LONGEST).contains(&id.len()) && id.iter().all(plain)
}

/// The trace id in a `traceparent`: `00-<32>-<16>-<2>` in lower-case hexadecimal, not all zeros. Later versions may go
/// on after a further dash; `ff` is none (W3C Trace Context §3.2.2).
fn trace_of(parent: &[u8]) -> Option<[u8; 32]> {
    let hex = |bytes: &[u8]| bytes.iter().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
    let (head, rest) = parent.split_at_checked(55)?;
    let [version @ .., b'-'] = &head[..3] else { return None };
    let (trace, span, flags) = (&head[3..35], &head[36..52], &head[53..]);
    let dashes = head[35] == b'-' && head[52] == b'-';
    let sound = [version, trace, span, flags].into_iter().all(hex) && dashes && version != b"ff";
    let ends = if version == b"00" { rest.is_empty() } else { rest.is_empty() || rest[0] == b'-' };
    let real = |id: &[u8]| id.iter().any(|byte| *byte != b'0');
    (sound && ends && real(trace) && real(span)).then(|| trace.try_into().ok()).flatten()
}

thread_local! {
    /// Where this thread's names go on. Names have to differ, not to be secret: asking the system for each would
    /// cost as much as a small answer.
    static NEXT: Cell<u128> = Cell::new(random());
}

fn random() -> u128 {
    let mut bytes = [0; 16];
    OsEntropy.fill(&mut bytes);
    u128::from_ne_bytes(bytes)
}

/// A step through all 128-bit numbers: odd, and without a pattern (the golden ratio's fraction).
const STRIDE: u128 = 0x9e37_79b9_7f4a_7c15_f39c_c060_5ced_c835;

/// A new name in the form of a random UUID.
fn new_id() -> [u8; uuid::LENGTH] {
    let number = NEXT.with(|next| {
        let number = next.get().wrapping_add(STRIDE);
        next.set(number);
        number
    });
    uuid::written(mixed(number).to_be_bytes())
}

/// Spreads a number's bits, so that names of one thread don't look like a count.
fn mixed(number: u128) -> u128 {
    const ODD: u128 = 0xda94_2042_e4dd_58b5_94d0_49bb_1331_11eb;
    let number = (number ^ (number >> 61)).wrapping_mul(ODD);
    number ^ (number >> 67)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    fn named(headers: &[(HeaderName, &str)]) -> RequestName {
        let map = headers.iter().map(|(name, value)| (name.clone(), HeaderValue::from_str(value).unwrap()));
        RequestName::of(&map.collect())
    }

    #[test]
    fn a_sane_name_is_taken_over_and_any_other_is_replaced() {
        let long = "x".repeat(65);
        for sane in ["a", "A-b_c.7", &long[..64]] {
            assert_eq!(named(&[(REQUEST_ID, sane)]).id(), sane);
        }
        for odd in ["", "a b", "a\tb", "<script>", "a=b", &long] {
            assert_ne!(named(&[(REQUEST_ID, odd)]).id(), odd);
        }
    }

    #[test]
    fn new_names_are_uuids_and_differ() {
        let names: BTreeSet<String> = (0..10_000).map(|_| named(&[]).id().to_owned()).collect();
        assert_eq!(names.len(), 10_000);
        for name in names.iter().take(100) {
            let parts: Vec<usize> = name.split('-').map(str::len).collect();
            assert_eq!(parts, [8, 4, 4, 4, 12], "{name}");
            assert_eq!(&name[14..15], "4");
            assert!("89ab".contains(&name[19..20]));
        }
    }

    #[test]
    fn the_trace_of_a_traceparent_is_read_and_what_is_none_is_ignored() {
        let trace = |parent: &str| named(&[(TRACEPARENT, parent)]).trace().map(str::to_owned);
        let of = "4bf92f3577b34da6a3ce929d0e0e4736";
        let good = format!("00-{of}-00f067aa0ba902b7-01");
        assert_eq!(trace(&good).as_deref(), Some(of));
        assert_eq!(trace(&format!("01-{of}-00f067aa0ba902b7-01-more")).as_deref(), Some(of));
        for bad in [
            "",
            "00",
            &good[..54],
            &format!("{good}-more"),
            &format!("ff-{of}-00f067aa0ba902b7-01"),
            &format!("00-{}-00f067aa0ba902b7-01", "0".repeat(32)),
            &format!("00-{of}-0000000000000000-01"),
            &format!("00-{}-00f067aa0ba902b7-01", of.to_uppercase()),
            &format!("00_{of}-00f067aa0ba902b7-01"),
        ] {
            assert_eq!(trace(bad), None, "{bad}");
        }
    }
}
