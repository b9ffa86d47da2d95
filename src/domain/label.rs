//! Names and descriptions of roles and tenants.

use std::fmt;

/// A text that people tell things apart by: never empty, compared with case, and one that PostgreSQL can store.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Label(String);

/// Why a text is no label.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LabelRefused {
    /// Nothing was given.
    #[error("cannot be blank")]
    Blank,
    /// PostgreSQL can't store a NUL in a text.
    #[error("cannot contain a NUL character")]
    Nul,
}

impl Label {
    /// Reads what somebody typed.
    ///
    /// # Errors
    /// [`LabelRefused`].
    pub fn parse(text: &str) -> Result<Self, LabelRefused> {
        match text {
            "" => Err(LabelRefused::Blank),
            text if text.contains('\0') => Err(LabelRefused::Nul),
            text => Ok(Self(text.to_owned())),
        }
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Label {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
