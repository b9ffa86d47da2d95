//! Passwords as they are compared: one form for all the ways in which a keyboard spells a character.

use unicode_normalization::UnicodeNormalization as _;
use zeroize::Zeroizing;

/// Longest password, in bytes of its NFC form (DESIGN section 2, passwords in).
const LONGEST: usize = 1024;

/// Longest text that is looked at: the same character decomposed takes up to three times the bytes.
const LONGEST_AS_TYPED: usize = 4 * LONGEST;

/// NFC of the text, `None` if that is longer than [`LONGEST`].
pub(super) fn normalised(text: &str) -> Option<Zeroizing<String>> {
    let fits = text.len() <= LONGEST_AS_TYPED;
    fits.then(|| nfc(text)).filter(|text| text.len() <= LONGEST)
}

/// Lower case in NFC: how passwords are compared with names and with the list.
pub(in crate::domain) fn folded(text: &str) -> Zeroizing<String> {
    nfc(&Zeroizing::new(text.to_lowercase()))
}

fn nfc(text: &str) -> Zeroizing<String> {
    // UTF-8 in NFC is at most three times as long: room at once, or growing would leave copies behind.
    let mut composed = Zeroizing::new(String::with_capacity(3 * text.len()));
    composed.extend(text.nfc());
    composed
}
