//! What every kind of bcrypt text holds: a cost, a salt and a digest.

use base64::{
    Engine as _, alphabet,
    engine::general_purpose::{GeneralPurpose, NO_PAD},
};
use subtle::ConstantTimeEq as _;

/// bcrypt's own Base64. Spare bits of the last character are let pass: some programs set them.
const TEXT: GeneralPurpose =
    GeneralPurpose::new(&alphabet::BCRYPT, NO_PAD.with_decode_allow_trailing_bits(true));

/// bcrypt reads this many bytes of a key, the closing NUL included if there is room for it.
pub(super) const KEY_LENGTH: usize = 72;

pub(super) type Salt = [u8; 16];
pub(super) type Digest = [u8; 23];

/// Cost, salt and digest of a stored bcrypt text.
pub(super) struct Parts {
    pub(super) cost: u32,
    pub(super) salt: Salt,
    digest: Digest,
}

impl Parts {
    /// Reads the three texts: decimal cost within bcrypt's 4 to 31, 22 and 31 characters of its Base64.
    pub(super) fn read(cost: &str, salt: &str, digest: &str) -> Option<Self> {
        let cost = decimal(cost).filter(|cost| (4..=31).contains(cost))?;
        Some(Self { cost, salt: read(salt)?, digest: read(digest)? })
    }

    /// Whether the key leads to the digest, compared in constant time.
    pub(super) fn matches(&self, key: &[u8]) -> bool {
        digest(self.cost, self.salt, key).ct_eq(&self.digest).into()
    }
}

/// bcrypt of a key, which is closed with NUL and cut at 72 bytes as in the original. The cost is 31 at most.
pub(super) fn digest(cost: u32, salt: Salt, key: &[u8]) -> Digest {
    let mut closed = zeroize::Zeroizing::new([0; KEY_LENGTH]);
    let kept = key.len().min(KEY_LENGTH);
    closed[..kept].copy_from_slice(&key[..kept]);
    let [digest @ .., _] = bcrypt::bcrypt(cost, salt, &closed[..KEY_LENGTH.min(kept + 1)]);
    digest
}

/// Bytes in bcrypt's Base64.
pub(super) fn text(bytes: impl AsRef<[u8]>) -> String {
    TEXT.encode(bytes)
}

/// An unsigned decimal number, digits only: `parse` alone would take a plus sign.
pub(super) fn decimal<T: std::str::FromStr>(text: &str) -> Option<T> {
    let digits = text.bytes().all(|byte| byte.is_ascii_digit());
    digits.then(|| text.parse().ok()).flatten()
}

fn read<const N: usize>(text: &str) -> Option<[u8; N]> {
    let mut bytes = [0; N];
    let written = TEXT.decode_slice(text, &mut bytes).ok()?;
    (written == N).then_some(bytes)
}
