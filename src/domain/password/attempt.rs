//! What somebody typed to sign in, and the stored form that it is held against.

use zeroize::Zeroizing;

use super::{Password, spelling::normalised};

/// What somebody typed as their password: never judged by the rules, which may be younger than the password.
///
/// Kept in NFC, which latchkey hashes, and as typed, which older programs hashed.
#[derive(Clone)]
pub struct PasswordAttempt {
    typed: Zeroizing<String>,
    normalised: Zeroizing<String>,
}

impl PasswordAttempt {
    /// Takes what was typed; `None` if it is empty or longer than a password can be.
    pub fn parse(text: &str) -> Option<Self> {
        let normalised = normalised(text).filter(|text| !text.is_empty())?;
        Some(Self { typed: Zeroizing::new(text.to_owned()), normalised })
    }

    /// The text as it was typed.
    pub fn typed(&self) -> &str {
        &self.typed
    }

    /// The text in NFC.
    pub fn normalised(&self) -> &str {
        &self.normalised
    }

    /// The attempt as the account's password, to be hashed again in today's scheme.
    ///
    /// Only after the hasher said that it is right: the rules for new passwords are not asked.
    pub fn into_password_in_force(self) -> Password {
        Password(self.normalised)
    }
}

/// A password as the database keeps it: a scheme, its parameters, a salt and a digest, in one text.
#[derive(Clone)]
pub struct PasswordHash(String);

impl PasswordHash {
    /// Takes the text of a database column; whether it makes sense is the hasher's affair.
    pub fn stored(text: String) -> Self {
        Self(text)
    }

    /// The text for the database column.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_attempt_keeps_both_forms_and_may_break_every_rule() {
        let attempt = PasswordAttempt::parse("e\u{301}").unwrap();
        assert_eq!((attempt.typed(), attempt.normalised()), ("e\u{301}", "é"));
        assert_eq!(attempt.into_password_in_force().reveal(), "é");
        assert!(Password::already_accepted("e\u{301}").is_some_and(|password| password.reveal() == "é"));
    }
}
