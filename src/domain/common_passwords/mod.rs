//! The shipped list of common passwords: 40-bit fingerprints, sorted, searched where they lie.
//!
//! `README.md` beside this file says where the entries come from and under which licences.

use sha2::{Digest as _, Sha256};

/// The first five bytes of each entry's SHA-256, ascending; made by `tools/common-passwords/build.py`.
static FINGERPRINTS: &[u8] = include_bytes!("fingerprints.bin");

type Fingerprint = [u8; 5];

/// Whether a text is on the list; expects it in lower case and NFC, as the entries are.
///
/// A text that is not on the list is taken for one in fewer than one of ten million cases.
pub fn contains(folded: &str) -> bool {
    let [a, b, c, d, e, ..] = <[u8; 32]>::from(Sha256::digest(folded));
    entries().binary_search(&[a, b, c, d, e]).is_ok()
}

/// How many entries the list has.
pub fn len() -> usize {
    entries().len()
}

fn entries() -> &'static [Fingerprint] {
    FINGERPRINTS.as_chunks().0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_list_is_whole_sorted_and_has_no_doubles() {
        assert!(FINGERPRINTS.len().is_multiple_of(size_of::<Fingerprint>()));
        assert!(entries().is_sorted_by(|one, next| one < next));
        assert!(len() >= 100_000);
    }

    #[test]
    fn the_list_knows_the_most_common_passwords() {
        for text in ["password", "twelve12", "password1", "12345678", "iloveyou1", "azerty", "qwertyuiop"] {
            assert!(contains(text), "{text}");
        }
    }

    #[test]
    fn the_list_knows_the_words_of_this_field() {
        for text in ["latchkey", "latchkey123", "trafficops", "traffic_ops1", "traffic-control"] {
            assert!(contains(text), "{text}");
        }
    }

    #[test]
    fn the_list_does_not_know_what_nobody_uses() {
        for text in ["", "correct horse battery staple", "tr0ub4dor&3!!", "zq9-fjwx", "世界世界世界世界"]
        {
            assert!(!contains(text), "{text}");
        }
    }
}
