//! The letters this server writes.

/// What a letter is for. The name is stored in `latchkey.outbox.kind`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LetterKind {
    /// Carries a link with a reset key.
    PasswordReset,
    /// Tells the holder that the password was changed.
    PasswordChanged,
}

impl LetterKind {
    /// The stored name.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::PasswordReset => "password_reset",
            Self::PasswordChanged => "password_changed",
        }
    }

    /// The kind of a stored name; `None` when a later release wrote it.
    pub fn parse(name: &str) -> Option<Self> {
        [Self::PasswordReset, Self::PasswordChanged].into_iter().find(|kind| kind.as_str() == name)
    }
}
