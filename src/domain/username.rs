//! The name an account signs in with.

use std::fmt;

/// A user name: any characters but control characters, case-sensitive.
///
/// Source: fact sheet Traffic Ops §2.1; the length is latchkey's own limit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Username(String);

/// Why a text can't be a user name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum UsernameRefused {
    /// Nothing was given.
    #[error("a user name is needed")]
    Blank,
    /// Longer than 255 bytes.
    #[error("the user name is too long")]
    TooLong,
    /// Holds control characters.
    #[error("the user name holds control characters")]
    Control,
}

impl Username {
    /// Reads a user name.
    ///
    /// # Errors
    /// Which rule the text broke.
    pub fn parse(text: &str) -> Result<Self, UsernameRefused> {
        match text {
            "" => Err(UsernameRefused::Blank),
            _ if text.len() > 255 => Err(UsernameRefused::TooLong),
            _ if text.chars().any(char::is_control) => Err(UsernameRefused::Control),
            _ => Ok(Self(text.to_owned())),
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

impl fmt::Display for Username {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
