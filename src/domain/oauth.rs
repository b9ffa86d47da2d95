//! Clients that the operator made known, and the tokens they carry (RFC 6749, RFC 6750).

use zeroize::Zeroizing;

use super::{Digest, alphanumeric};

/// The name by which a client program makes itself known: up to 100 characters `[A-Za-z0-9._~-]`.
///
/// These mean the same in HTTP Basic, whether it is read as RFC 7617 or as RFC 6749 §2.3.1 has it. A name may look
/// like the number of an account; nothing follows from that.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClientId(String);

/// Why a text can't be a client's name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a client's name has 1 to {LONGEST_ID} characters: letters, digits, `.`, `_`, `~`, `-`")]
pub struct ClientIdRefused;

const LONGEST_ID: usize = 100;

impl ClientId {
    /// Reads a name.
    ///
    /// # Errors
    /// [`ClientIdRefused`].
    pub fn parse(text: &str) -> Result<Self, ClientIdRefused> {
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"._~-".contains(&byte);
        match (1..=LONGEST_ID).contains(&text.len()) && text.bytes().all(plain) {
            true => Ok(Self(text.to_owned())),
            false => Err(ClientIdRefused),
        }
    }

    /// Takes a name that was accepted when it was stored.
    pub(crate) fn stored(text: String) -> Self {
        Self(text)
    }

    /// The name as written.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Display for ClientId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

/// Length of the secrets below. Source: fact sheet Teen Quotes §2.1, the example's token.
const LENGTH: usize = 40;

/// 40 characters `[A-Za-z0-9]`, about 238 bits of chance: an access token, a refresh token or a client's secret.
///
/// With so much chance in it a plain SHA-256 is enough to keep (ASVS 5.0, 6.5.2).
pub struct BearerToken(Zeroizing<String>);

impl BearerToken {
    /// Draws a new one from a source of random bytes.
    pub fn draw(fill: impl FnMut(&mut [u8])) -> Self {
        Self(alphanumeric::draw(LENGTH, fill))
    }

    /// Reads one that somebody presents; `None` if it can't be one.
    pub fn parse(text: &str) -> Option<Self> {
        let shaped = text.len() == LENGTH && text.bytes().all(|byte| byte.is_ascii_alphanumeric());
        shaped.then(|| Self(Zeroizing::new(text.to_owned())))
    }

    /// The text, for the client that gets it.
    pub fn reveal(&self) -> &str {
        &self.0
    }

    /// What is stored of it.
    pub fn digest(&self) -> Digest {
        Digest::of(self.0.as_bytes())
    }
}

/// Identity of the tokens that come from one grant: a token, and all that were got by refreshing it. No secret.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TokenFamilyId(pub i64);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_client_s_name_means_the_same_wherever_it_is_written() {
        for good in ["website", "42", "a", "App.v2_beta~1-x"] {
            assert_eq!(ClientId::parse(good).map(|id| id.0), Ok(good.to_owned()));
        }
        let long = "x".repeat(101);
        for bad in ["", "a:b", "a b", "ä", "a%20b", "a+b", "a\n", &long] {
            assert_eq!(ClientId::parse(bad), Err(ClientIdRefused), "{bad:?}");
        }
    }

    #[test]
    fn a_token_has_forty_letters_and_digits() {
        let token = BearerToken::draw(|bytes| bytes.fill(7));
        assert_eq!(token.reveal(), "H".repeat(40));
        assert!(BearerToken::parse(token.reveal()).is_some_and(|same| same.digest() == token.digest()));
        for bad in ["", "short", &"H".repeat(41), &format!("{}_", "H".repeat(39)), &"ä".repeat(20)] {
            assert!(BearerToken::parse(bad).is_none(), "{bad:?}");
        }
    }
}
