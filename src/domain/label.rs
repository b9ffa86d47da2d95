//! Names and descriptions of roles and tenants.

use std::fmt;

use super::lookalike;

/// A text that people tell things apart by: never empty, of one line, compared with case.
///
/// ```
/// use latchkey::domain::{Label, LabelRefused};
///
/// let label = Label::parse("Keeps the books: north, south")?;
/// assert_eq!(label.as_str(), "Keeps the books: north, south");
/// assert_eq!(Label::parse("clerk ")?.may_be_taken(), Err(LabelRefused::Lookalike));
/// # Ok::<(), LabelRefused>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Label(String);

/// Most characters; latchkey's own limit.
const LONGEST: usize = 255;

/// Why a text is no label.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LabelRefused {
    /// Nothing was given.
    #[error("cannot be blank")]
    Blank,
    /// Longer than 255 characters.
    #[error("cannot have more than {LONGEST} characters")]
    TooLong,
    /// PostgreSQL can't store a NUL, and logs and terminals take others for orders.
    #[error("cannot contain control characters")]
    Control,
    /// A name that could be taken for another one.
    #[error(
        "must be made of letters and digits of any script, the signs of ASCII and single spaces, not in wide, narrow or \
         decomposed forms"
    )]
    Lookalike,
}

impl Label {
    /// Reads what somebody typed.
    ///
    /// # Errors
    /// [`LabelRefused`].
    pub fn parse(text: &str) -> Result<Self, LabelRefused> {
        match text {
            "" => Err(LabelRefused::Blank),
            text if text.chars().any(char::is_control) => Err(LabelRefused::Control),
            text if text.chars().nth(LONGEST).is_some() => Err(LabelRefused::TooLong),
            text => Ok(Self(text.to_owned())),
        }
    }

    /// Whether something may be called so from now on; the rule is that of user names
    /// ([`Username::may_be_taken`](super::Username::may_be_taken)). What has the name already keeps it.
    ///
    /// # Errors
    /// [`LabelRefused::Lookalike`].
    pub fn may_be_taken(&self) -> Result<(), LabelRefused> {
        if lookalike::is_plain(&self.0) { Ok(()) } else { Err(LabelRefused::Lookalike) }
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
