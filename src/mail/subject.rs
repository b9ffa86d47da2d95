//! What a letter is about, with what only its recipient is to know.

use crate::domain::{GeneratedPassword, LetterKind, ResetKey};

/// What a letter is about.
pub enum Subject<'a> {
    /// A key to choose a new password with.
    PasswordReset(&'a ResetKey),
    /// The news that the password was changed.
    PasswordChanged,
    /// A password that was drawn for the holder.
    GeneratedPassword(&'a GeneratedPassword),
    /// An invitation, with the key to finish the registration.
    Registration(&'a ResetKey),
    /// A key that confirms a new e-mail address.
    EmailConfirmation(&'a ResetKey),
    /// The news that the account has another e-mail address.
    EmailChanged,
    /// The news of a sign-in from somewhere new.
    NewDevice,
    /// The news that the account can't be used any more.
    AccountDisabled,
    /// Nothing but that letters arrive.
    Test,
}

impl Subject<'_> {
    pub(super) const fn kind(&self) -> LetterKind {
        match self {
            Self::PasswordReset(_) => LetterKind::PasswordReset,
            Self::PasswordChanged => LetterKind::PasswordChanged,
            Self::GeneratedPassword(_) => LetterKind::GeneratedPassword,
            Self::Registration(_) => LetterKind::Registration,
            Self::EmailConfirmation(_) => LetterKind::EmailConfirmation,
            Self::EmailChanged => LetterKind::EmailChanged,
            Self::NewDevice => LetterKind::NewDevice,
            Self::AccountDisabled => LetterKind::AccountDisabled,
            Self::Test => LetterKind::Test,
        }
    }

    /// The headline in the letter. In the `buddha_jones` contract nobody chooses: a new password is mailed.
    pub(super) fn title(&self, dialect: &str) -> &'static str {
        match self {
            Self::PasswordReset(_) if dialect == "buddha_jones" => "Get a new password",
            Self::PasswordReset(_) => "Choose a new password",
            Self::PasswordChanged => "Your password was changed",
            Self::GeneratedPassword(_) => "Your new password",
            Self::Registration(_) => "Finish your registration",
            Self::EmailConfirmation(_) => "Is this your e-mail address?",
            Self::EmailChanged => "Your e-mail address was changed",
            Self::NewDevice => "Somebody signed in from somewhere new",
            Self::AccountDisabled => "Your account was disabled",
            Self::Test => "Letters arrive",
        }
    }
}
