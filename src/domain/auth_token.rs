//! The token of the contracts that sign requests with one opaque text.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use zeroize::Zeroizing;

use super::Digest;

/// Identity of a token's row; not a secret.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AuthTokenId(pub i64);

/// 160 random bits that only the client holds; the database keeps [`Digest`] of them.
///
/// Source: fact sheet Timeslot §1.2.
pub struct AuthToken(Zeroizing<[u8; 20]>);

impl AuthToken {
    /// Draws a new token from a source of random bytes.
    pub fn draw(mut fill: impl FnMut(&mut [u8])) -> Self {
        let mut bytes = Zeroizing::new([0; 20]);
        fill(bytes.as_mut_slice());
        Self(bytes)
    }

    /// Reads the text form of [`AuthToken::reveal`].
    pub fn parse(text: &str) -> Option<Self> {
        let bytes = Zeroizing::new(URL_SAFE_NO_PAD.decode(text).ok()?);
        Some(Self(Zeroizing::new(bytes.as_slice().try_into().ok()?)))
    }

    /// 27 characters `[A-Za-z0-9_-]`, for the client only.
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
