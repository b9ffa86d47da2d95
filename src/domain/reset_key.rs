//! The key in the link of a reset letter.

use zeroize::Zeroizing;

use super::Digest;

/// A reset key: 30 characters `[A-Za-z0-9]`, about 178 bits of chance. Never printed by accident.
pub struct ResetKey(Zeroizing<String>);

const ALPHABET: &[u8; 62] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
const LENGTH: usize = 30;

impl ResetKey {
    /// Draws a new key from a source of random bytes.
    pub fn draw(mut fill: impl FnMut(&mut [u8])) -> Self {
        let mut key = Zeroizing::new(String::with_capacity(LENGTH));
        let mut bytes = Zeroizing::new([0_u8; 64]);
        while key.len() < LENGTH {
            fill(bytes.as_mut_slice());
            // 248 = 4 * 62: dropping the rest keeps every character equally likely.
            let fair = bytes.iter().filter(|byte| **byte < 248);
            let characters = fair.map(|byte| char::from(ALPHABET[usize::from(*byte) % ALPHABET.len()]));
            let missing = LENGTH - key.len();
            key.extend(characters.take(missing));
        }
        Self(key)
    }

    /// Reads a key somebody presents; `None` if it can't be one.
    pub fn parse(text: &str) -> Option<Self> {
        let shaped = text.len() == LENGTH && text.bytes().all(|byte| byte.is_ascii_alphanumeric());
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
        assert!(ResetKey::parse("aaaaaaaaaaaaaaaaaaaaaaaaaaaaa_").is_none());
    }
}
