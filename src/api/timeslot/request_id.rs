//! `X-Request-Id`: the client's own, cleaned, or a new one.

use crate::{api::uuid, ports::Entropy};

/// Longest name of a request that is given back, in characters (fact sheet Timeslot §1.3).
const LONGEST: usize = 255;

/// The client's name for its request without what could break a header or a log line; without one, a random
/// UUID (RFC 9562, version 4) in lower case.
pub(super) fn named(given: &[u8], entropy: &dyn Entropy) -> String {
    let harmless = |byte: &u8| byte.is_ascii_alphanumeric() || *byte == b'_' || *byte == b'-';
    let name: String = given.iter().copied().filter(harmless).take(LONGEST).map(char::from).collect();
    match name.is_empty() {
        true => random(entropy),
        false => name,
    }
}

fn random(entropy: &dyn Entropy) -> String {
    let mut bytes = [0; 16];
    entropy.fill(&mut bytes);
    uuid::written(bytes).map(char::from).iter().collect()
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
    fn a_client_s_name_is_given_back_without_what_breaks_lines() {
        assert_eq!(named(b"ab_C-9 <\xff>; drop\tit.", &Fixed(0)), "ab_C-9dropit");
        assert_eq!(named(&[b'x'; 300], &Fixed(0)).len(), 255);
    }

    #[test]
    fn without_a_name_there_is_a_random_one() {
        assert_eq!(named(b"", &Fixed(0xff)), "ffffffff-ffff-4fff-bfff-ffffffffffff");
        assert_eq!(named(b" ;,.", &Fixed(0)), "00000000-0000-4000-8000-000000000000");
    }
}
