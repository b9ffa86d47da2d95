//! The keys that sign what clients carry.

use zeroize::Zeroizing;

/// Signing keys: the first signs, all verify, so that they can be changed without signing anyone out.
pub struct Secrets(Vec<Zeroizing<Vec<u8>>>);

impl Secrets {
    /// Takes the keys, newest first; `None` when there are none.
    pub fn new(keys: Vec<Zeroizing<Vec<u8>>>) -> Option<Self> {
        (!keys.is_empty()).then_some(Self(keys))
    }

    /// The key that signs.
    pub fn signing(&self) -> &[u8] {
        &self.0[0]
    }

    /// All keys that verify.
    pub fn verifying(&self) -> impl Iterator<Item = &[u8]> {
        self.0.iter().map(|key| key.as_slice())
    }
}
