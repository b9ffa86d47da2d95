//! The key in the link of a reset letter.

use zeroize::Zeroizing;

use super::{Digest, alphanumeric};

/// A reset key: 30 characters `[A-Za-z0-9]`, about 178 bits of chance. Never printed by accident.
///
/// ```
/// use latchkey::domain::ResetKey;
///
/// let drawn = ResetKey::draw(|bytes| bytes.fill(7));
/// let presented = ResetKey::parse(drawn.reveal()).expect("what was drawn can be read");
/// assert!(presented.digest() == drawn.digest(), "the database compares digests");
/// assert!(ResetKey::parse("no key").is_none());
/// ```
pub struct ResetKey(Zeroizing<String>);

const LENGTH: usize = 30;

impl ResetKey {
    /// Draws a new key from a source of random bytes.
    pub fn draw(fill: impl FnMut(&mut [u8])) -> Self {
        Self(alphanumeric::draw(LENGTH, fill))
    }

    /// Reads a key somebody presents; `None` if it can't be one.
    ///
    /// None is drawn with `_`, but the example of the Teen Quotes documents has it.
    pub fn parse(text: &str) -> Option<Self> {
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
        let shaped = text.len() == LENGTH && text.bytes().all(plain);
        shaped.then(|| Self(Zeroizing::new(text.to_owned())))
    }

    /// The key itself, for the one letter that carries it.
    pub fn reveal(&self) -> &str {
        &self.0
    }

    /// What is stored of the key.
    pub fn digest(&self) -> Digest {
        Digest::of(self.0.as_bytes())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_has_thirty_characters_and_is_read_back() {
        let mut next = 0_u8;
        let key = ResetKey::draw(|bytes| {
            for byte in bytes {
                next = next.wrapping_add(7);
                *byte = next;
            }
        });
        assert_eq!(key.reveal().len(), 30);
        assert!(ResetKey::parse(key.reveal()).is_some_and(|same| same.digest() == key.digest()));
        assert!(ResetKey::parse("short").is_none());
        assert!(ResetKey::parse("aaaaaaaaaaaaaaaaaaaaaaaaaaaaa-").is_none());
    }
}
