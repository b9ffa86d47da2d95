//! The letters this server writes.

/// What a letter is for. The name is stored in `latchkey.outbox.kind`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LetterKind {
    /// Carries a link with a reset key.
    PasswordReset,
    /// Tells the holder that the password was changed.
    PasswordChanged,
    /// Carries a password that was drawn for the holder.
    GeneratedPassword,
    /// Invites somebody: carries a link with the key to finish the registration.
    Registration,
    /// Asks whether a new e-mail address is the holder's: carries a link with the key that confirms it.
    EmailConfirmation,
    /// Tells the former e-mail address that it is no longer the account's.
    EmailChanged,
    /// Tells the holder of a sign-in from somewhere new.
    NewDevice,
    /// Tells the holder that the account can't be used any more.
    AccountDisabled,
    /// Shows an operator that letters arrive; it is about no account.
    Test,
}

impl LetterKind {
    /// Every kind there is.
    pub const ALL: [Self; 9] = [
        Self::PasswordReset,
        Self::PasswordChanged,
        Self::GeneratedPassword,
        Self::Registration,
        Self::EmailConfirmation,
        Self::EmailChanged,
        Self::NewDevice,
        Self::AccountDisabled,
        Self::Test,
    ];

    /// Whether whoever reads the letter can enter the account by it.
    pub const fn opens_account(self) -> bool {
        match self {
            Self::PasswordReset | Self::GeneratedPassword | Self::Registration | Self::EmailConfirmation => {
                true
            }
            Self::PasswordChanged
            | Self::EmailChanged
            | Self::NewDevice
            | Self::AccountDisabled
            | Self::Test => false,
        }
    }

    /// The stored name.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::PasswordReset => "password_reset",
            Self::PasswordChanged => "password_changed",
            Self::GeneratedPassword => "generated_password",
            Self::Registration => "registration",
            Self::EmailConfirmation => "email_confirmation",
            Self::EmailChanged => "email_changed",
            Self::NewDevice => "new_device",
            Self::AccountDisabled => "account_disabled",
            Self::Test => "test",
        }
    }

    /// The kind of a stored name; `None` when a later release wrote it.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == name)
    }
}
