//! A password that this server draws and mails.

use zeroize::Zeroizing;

use super::{Digest, Password, alphanumeric};

/// A drawn password: 20 characters `[A-Za-z0-9]`, about 119 bits of chance, so that its digest may rest as it is
/// (ASVS 5.0, 6.5.2). Never printed by accident.
pub struct GeneratedPassword(Zeroizing<String>);

const LENGTH: usize = 20;

impl GeneratedPassword {
    /// Draws a new password from a source of random bytes.
    pub fn draw(fill: impl FnMut(&mut [u8])) -> Self {
        Self(alphanumeric::draw(LENGTH, fill))
    }

    /// Reads what somebody typed as a password; `None` if it can't be a drawn one.
    pub fn parse(typed: &str) -> Option<Self> {
        let shaped = typed.len() == LENGTH && typed.bytes().all(|byte| byte.is_ascii_alphanumeric());
        shaped.then(|| Self(Zeroizing::new(typed.to_owned())))
    }

    /// The password itself, for the one letter that carries it.
    pub fn reveal(&self) -> &str {
        &self.0
    }

    /// What is stored of the password until somebody signs in with it.
    pub fn digest(&self) -> Digest {
        Digest::of(self.0.as_bytes())
    }

    /// The same as the account's own password, to be hashed like any other.
    pub fn into_password(self) -> Option<Password> {
        Password::already_accepted(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_drawn_password_has_twenty_characters_and_is_read_back() {
        let mut next = 0_u8;
        let drawn = GeneratedPassword::draw(|bytes| {
            for byte in bytes {
                next = next.wrapping_add(7);
                *byte = next;
            }
        });
        assert_eq!(drawn.reveal().len(), 20);
        let same = GeneratedPassword::parse(drawn.reveal()).unwrap();
        assert!(same.digest() == drawn.digest());
        assert_eq!(same.into_password().map(|password| password.reveal().len()), Some(20));
        for other in ["correct horse battery", "short", "aaaaaaaaaaaaaaaaaaaé"] {
            assert!(GeneratedPassword::parse(other).is_none(), "{other:?}");
        }
    }
}
