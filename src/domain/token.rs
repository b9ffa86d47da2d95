//! Random bytes that only a client holds.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use zeroize::Zeroizing;

use super::Digest;

/// Identity of a session's row; not a secret.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SessionId(pub i64);

/// Identity of an authentication token's row; not a secret.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AuthTokenId(pub i64);

/// The secret that proves a session: 256 bits, 43 characters, for the client's cookie only.
pub type SessionToken = Token<32>;

/// The token of the contracts that sign requests with one opaque text: 160 bits, 27 characters.
///
/// Source: fact sheet Timeslot §1.2.
pub type AuthToken = Token<20>;

/// Random bytes; the database keeps [`Digest`] of them.
pub struct Token<const BYTES: usize>(Zeroizing<[u8; BYTES]>);

impl<const BYTES: usize> Token<BYTES> {
    /// Draws a new token from a source of random bytes.
    pub fn draw(mut fill: impl FnMut(&mut [u8])) -> Self {
        let mut bytes = Zeroizing::new([0; BYTES]);
        fill(bytes.as_mut_slice());
        Self(bytes)
    }

    /// Reads the text form of [`Token::reveal`].
    pub fn parse(text: &str) -> Option<Self> {
        let bytes = Zeroizing::new(URL_SAFE_NO_PAD.decode(text).ok()?);
        Some(Self(Zeroizing::new(bytes.as_slice().try_into().ok()?)))
    }

    /// Characters `[A-Za-z0-9_-]`, base64url without padding, for the client only.
    pub fn reveal(&self) -> Zeroizing<String> {
        Zeroizing::new(URL_SAFE_NO_PAD.encode(self.0.as_slice()))
    }

    /// What is stored of the token.
    pub fn digest(&self) -> Digest {
        Digest::of(self.0.as_slice())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_has_27_characters_and_is_read_back() {
        let token = AuthToken::draw(|bytes| bytes.fill(0xfb));
        let text = token.reveal();
        assert_eq!((text.len(), &text[..4]), (27, "-_v7"));
        assert!(AuthToken::parse(&text).is_some_and(|same| same.digest() == token.digest()));
        for bad in
            ["", "9tNOulANZ9PVYrHes_rLv-XPhk", "9tNOulANZ9PVYrHes_rLv-XPhko=", "9tNOulANZ9PVYrHes+rLv/XPhko"]
        {
            assert!(AuthToken::parse(bad).is_none(), "{bad:?}");
        }
    }
}
