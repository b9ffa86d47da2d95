//! The secret that proves a session.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use zeroize::Zeroizing;

use super::Digest;

/// Identity of a session's row; not a secret.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SessionId(pub i64);

/// 256 random bits that only the client holds; the database keeps [`Digest`] of them.
pub struct SessionToken(Zeroizing<[u8; 32]>);

impl SessionToken {
    /// Draws a new token from a source of random bytes.
    pub fn draw(mut fill: impl FnMut(&mut [u8])) -> Self {
        let mut bytes = Zeroizing::new([0; 32]);
        fill(bytes.as_mut_slice());
        Self(bytes)
    }

    /// Reads the text form of [`SessionToken::reveal`].
    pub fn parse(text: &str) -> Option<Self> {
        let bytes = Zeroizing::new(URL_SAFE_NO_PAD.decode(text).ok()?);
        Some(Self(Zeroizing::new(bytes.as_slice().try_into().ok()?)))
    }

    /// 43 characters of base64url, for the client's cookie only.
    pub fn reveal(&self) -> Zeroizing<String> {
        Zeroizing::new(URL_SAFE_NO_PAD.encode(self.0.as_slice()))
    }

    /// What is stored of the token.
    pub fn digest(&self) -> Digest {
        Digest::of(self.0.as_slice())
    }
}
