//! SHA-256 of a secret: the only form in which session tokens and reset keys are stored.

use sha2::{Digest as _, Sha256};

/// A SHA-256 digest of a secret with at least 112 bits of chance in it.
///
/// A plain hash is enough for those (ASVS 5.0, 6.5.2); passwords never come here.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Digest(pub [u8; 32]);

impl Digest {
    /// Digest of the secret's bytes.
    pub fn of(secret: &[u8]) -> Self {
        Self(Sha256::digest(secret).into())
    }
}
