//! What may stand in the column of stored passwords, as a fuzz target hands it over.

use super::scheme::Scheme;

/// Dearest bcrypt cost that is taken here: the production's default and four more.
const DEAREST: u32 = 14;
/// Rounds up to which the comparison is tried as well; more would make a fuzzer slow.
const CHEAP: u64 = 16;

/// A stored text. No text costs more than the cap lets it, and a comparison with any never fails.
pub(crate) fn stored(text: &str) {
    if let Ok(scheme) = Scheme::read(text, DEAREST) {
        assert!(scheme.rounds() <= 1 << 20, "{text} costs {} rounds", scheme.rounds());
        if scheme.rounds() <= CHEAP {
            let _right = scheme.matches(b"correct horse battery staple");
        }
    }
}
