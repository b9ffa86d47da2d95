//! What a letter is about, with what only its recipient is to know.

use crate::domain::{GeneratedPassword, LetterKind, ResetKey};

/// What a letter is about. No `Debug`, so that no log can show a key.
pub enum Subject {
    /// A key to choose a new password with.
    PasswordReset(ResetKey),
    /// The news that the password was changed.
    PasswordChanged,
    /// A password that was drawn for the holder.
    GeneratedPassword(GeneratedPassword),
    /// An invitation, with the key to finish the registration.
    Registration(ResetKey),
    /// A key that confirms a new e-mail address.
    EmailConfirmation(ResetKey),
    /// The news that the account has another e-mail address.
    EmailChanged,
    /// The news of a sign-in from somewhere new.
    NewDevice,
    /// The news that the account can't be used any more.
    AccountDisabled,
    /// Nothing but that letters arrive.
    Test,
}

impl Subject {
    /// What a letter of this kind is about. Its secret, if it has one, is drawn as the letter is written; the database
    /// gets the digest only.
    pub(super) fn draw(kind: LetterKind, fill: impl FnMut(&mut [u8])) -> Self {
        match kind {
            LetterKind::PasswordReset => Self::PasswordReset(ResetKey::draw(fill)),
            LetterKind::PasswordChanged => Self::PasswordChanged,
            LetterKind::GeneratedPassword => Self::GeneratedPassword(GeneratedPassword::draw(fill)),
            LetterKind::Registration => Self::Registration(ResetKey::draw(fill)),
            LetterKind::EmailConfirmation => Self::EmailConfirmation(ResetKey::draw(fill)),
            LetterKind::EmailChanged => Self::EmailChanged,
            LetterKind::NewDevice => Self::NewDevice,
            LetterKind::AccountDisabled => Self::AccountDisabled,
            LetterKind::Test => Self::Test,
        }
    }

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
