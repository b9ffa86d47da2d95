//! The password of the database role, made by chance and kept in a file that only the owner reads.

use std::io;

use zeroize::Zeroizing;

use super::{error::EmbeddedError, files, home::Home};

const BYTES: usize = 32;

/// The password of the role `latchkey`: a secret, so it can be neither printed nor compared.
pub(super) struct Password(Zeroizing<String>);

impl Password {
    /// 256 random bits from the system, as hexadecimal digits: they need no quotes in SQL or in a URL.
    ///
    /// # Errors
    /// `NoRandomness`.
    #[expect(
        clippy::disallowed_methods,
        reason = "made before there is an app that could hand in chance; no test has to foresee it"
    )]
    pub(super) fn random() -> Result<Self, EmbeddedError> {
        let mut bytes = Zeroizing::new([0_u8; BYTES]);
        getrandom::fill(bytes.as_mut_slice()).map_err(EmbeddedError::NoRandomness)?;
        let digit = |half: u8| char::from_digit(u32::from(half), 16).unwrap_or('0');
        let digits = bytes.iter().flat_map(|byte| [digit(byte >> 4), digit(byte & 15)]);
        let mut text = Zeroizing::new(String::with_capacity(2 * BYTES));
        text.extend(digits);
        Ok(Self(text))
    }

    /// The password as the file has it; `None` when there is no file, or nothing in it that we could have
    /// written.
    ///
    /// # Errors
    /// `Files` when the file is there and can't be read.
    pub(super) fn kept(home: &Home) -> Result<Option<Self>, EmbeddedError> {
        let path = home.password();
        match files::read(&path).map(Zeroizing::new) {
            Ok(text) => Ok(Self::parse(&text)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(EmbeddedError::files("read", path)(error)),
        }
    }

    /// # Errors
    /// `Files` when the file can't be written.
    pub(super) fn keep(&self, home: &Home) -> Result<(), EmbeddedError> {
        let path = home.password();
        let line = Zeroizing::new(format!("{}\n", *self.0));
        files::replace(&path, &line, home.owner()).map_err(EmbeddedError::files("write", &path))
    }

    fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        let ours = text.len() == 2 * BYTES && text.bytes().all(|byte| byte.is_ascii_hexdigit());
        ours.then(|| Self(Zeroizing::new(text.to_owned())))
    }

    pub(super) fn reveal(&self) -> &str {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_passwords_differ_and_survive_being_kept() {
        let (one, other) = (Password::random().unwrap(), Password::random().unwrap());
        assert!(one.reveal() != other.reveal());
        assert!(Password::parse(&format!("{}\n", one.reveal())).unwrap().reveal() == one.reveal());
    }

    #[test]
    fn a_file_that_was_tampered_with_holds_no_password() {
        for text in ["", "\n", "short", &"'".repeat(64), &"0".repeat(65)] {
            assert!(Password::parse(text).is_none(), "{text}");
        }
    }
}
