//! Secrets of random letters and digits: keys of letters, drawn passwords, the tokens of OAuth.

use zeroize::Zeroizing;

use super::{Digest, Password};

/// A secret of so many characters `[A-Za-z0-9]`, each worth 5.95 bits of chance. Never printed by accident.
///
/// With so much chance in it a plain SHA-256 is enough to keep (ASVS 5.0, 6.5.2).
///
/// ```
/// use latchkey::domain::ResetKey;
///
/// let drawn = ResetKey::draw(|bytes| bytes.fill(7));
/// let presented = ResetKey::parse(drawn.reveal()).expect("what was drawn can be read");
/// assert!(presented.digest() == drawn.digest(), "the database compares digests");
/// assert!(ResetKey::parse("no key").is_none());
/// ```
pub struct Alphanumeric<const LENGTH: usize>(Zeroizing<String>);

/// The key in the link of a letter: 178 bits of chance.
pub type ResetKey = Alphanumeric<KEY>;

/// A password that this server draws and mails: 119 bits of chance, so that its digest may rest as it is until somebody
/// signs in with it.
pub type GeneratedPassword = Alphanumeric<20>;

/// An access token, a refresh token or a client's secret (RFC 6749, RFC 6750): 238 bits of chance.
///
/// Source: fact sheet Teen Quotes §2.1, the example's token.
pub type BearerToken = Alphanumeric<40>;

const KEY: usize = 30;
const ALPHABET: &[u8; 62] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

impl<const LENGTH: usize> Alphanumeric<LENGTH> {
    /// Draws a new one from a source of random bytes.
    pub fn draw(mut fill: impl FnMut(&mut [u8])) -> Self {
        let mut text = Zeroizing::new(String::with_capacity(LENGTH));
        let mut bytes = Zeroizing::new([0_u8; 64]);
        while text.len() < LENGTH {
            fill(bytes.as_mut_slice());
            // 248 = 4 * 62: dropping the rest keeps every character equally likely.
            let fair = bytes.iter().filter(|byte| **byte < 248);
            let characters = fair.map(|byte| char::from(ALPHABET[usize::from(*byte) % ALPHABET.len()]));
            let missing = LENGTH - text.len();
            text.extend(characters.take(missing));
        }
        Self(text)
    }

    /// Reads one that somebody presents; `None` if it can't be one.
    ///
    /// No key is drawn with `_`, but the one in the example of the Teen Quotes documents has it.
    pub fn parse(text: &str) -> Option<Self> {
        let known = |byte: u8| byte.is_ascii_alphanumeric() || LENGTH == KEY && byte == b'_';
        let shaped = text.len() == LENGTH && text.bytes().all(known);
        shaped.then(|| Self(Zeroizing::new(text.to_owned())))
    }

    /// The secret itself, for the one letter or client that gets it.
    pub fn reveal(&self) -> &str {
        &self.0
    }

    /// What is stored of it.
    pub fn digest(&self) -> Digest {
        Digest::of(self.0.as_bytes())
    }
}

impl GeneratedPassword {
    /// The same as the account's own password, to be hashed like any other.
    pub fn into_password(self) -> Option<Password> {
        Password::already_accepted(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn counting() -> impl FnMut(&mut [u8]) {
        let mut next = 0_u8;
        move |bytes| {
            for byte in bytes {
                *byte = next;
                next = next.wrapping_add(1);
            }
        }
    }

    #[test]
    fn every_character_is_equally_likely() {
        let drawn = Alphanumeric::<248>::draw(counting());
        for character in ALPHABET {
            assert_eq!(drawn.reveal().bytes().filter(|byte| byte == character).count(), 4);
        }
    }

    #[test]
    fn what_was_drawn_has_its_length_and_is_read_back() {
        let drawn = ResetKey::draw(counting());
        assert_eq!(drawn.reveal().len(), 30);
        assert!(ResetKey::parse(drawn.reveal()).is_some_and(|same| same.digest() == drawn.digest()));
        assert!(BearerToken::parse(drawn.reveal()).is_none(), "of another length");
        assert!(ResetKey::parse(&"_".repeat(30)).is_some() && BearerToken::parse(&"_".repeat(40)).is_none());
        for bad in
            ["", "short", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaa-", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaé", &"H".repeat(31)]
        {
            assert!(ResetKey::parse(bad).is_none(), "{bad:?}");
        }
    }

    #[test]
    fn a_drawn_password_is_a_password() {
        let drawn = GeneratedPassword::draw(counting());
        assert_eq!(drawn.into_password().map(|password| password.reveal().len()), Some(20));
    }
}
