//! The keys that sign what clients carry, and how they are changed while the server runs.

use std::sync::Arc;

use arc_swap::{ArcSwap, Guard};
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

    /// How many keys there are.
    pub fn count(&self) -> usize {
        self.0.len()
    }
}

/// The keys in force: requests take the present ones, a reload puts others in their place.
///
/// A request that began under the former keys is answered under them. They are wiped when it is over.
pub struct Keyring(ArcSwap<Secrets>);

impl Keyring {
    /// Begins with these.
    pub fn new(secrets: Secrets) -> Self {
        Self(ArcSwap::from_pointee(secrets))
    }

    /// The keys in force. To be held for one signature, not for long.
    pub fn now(&self) -> Guard<Arc<Secrets>> {
        self.0.load()
    }

    /// Puts others in force.
    pub fn change(&self, secrets: Secrets) {
        self.0.store(Arc::new(secrets));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn secrets(keys: &[&str]) -> Secrets {
        Secrets::new(keys.iter().map(|key| Zeroizing::new(key.as_bytes().to_vec())).collect()).unwrap()
    }

    #[test]
    fn other_keys_come_into_force_and_who_holds_the_former_ones_keeps_them() {
        let ring = Keyring::new(secrets(&["old"]));
        let held = ring.now();
        ring.change(secrets(&["new", "old"]));
        assert_eq!((held.signing(), ring.now().signing()), (&b"old"[..], &b"new"[..]));
        assert_eq!((held.count(), ring.now().count()), (1, 2));
        assert_eq!(ring.now().verifying().last(), Some(&b"old"[..]));
        assert!(Secrets::new(Vec::new()).is_none());
    }
}
