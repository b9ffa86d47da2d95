//! New passwords, and the rules that they have to keep.

mod attempt;
mod spelling;

use zeroize::Zeroizing;

use self::spelling::normalised;
use super::{RefusedWords, common_passwords};
pub use attempt::{PasswordAttempt, PasswordHash};
pub(super) use spelling::folded;

/// What a new password has to fulfil besides the longest length and not being the account's own name or address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PasswordRules {
    /// Fewest characters: code points of the NFC form.
    pub minimum: usize,
    /// Whether the shipped list of common passwords is asked.
    pub refuse_common: bool,
}

impl PasswordRules {
    /// latchkey's own rules: 8 characters and not on the list (DESIGN section 2, passwords in).
    pub const STRICT: Self = Self { minimum: 8, refuse_common: true };

    /// A minimum that a contract documents, and nothing else.
    pub const fn documented(minimum: usize) -> Self {
        Self { minimum, refuse_common: false }
    }
}

/// Whose password it is going to be; a blank or absent name forbids nothing.
#[derive(Clone, Copy, Default)]
pub struct PasswordContext<'a> {
    /// The account's user name.
    pub username: Option<&'a str>,
    /// The account's e-mail address.
    pub email: Option<&'a str>,
    /// The name people call the holder by.
    pub full_name: Option<&'a str>,
    /// What the installation refuses from everybody.
    pub refused: Option<&'a RefusedWords>,
}

/// Which rule a new password broke; the order of the variants after the first is the order of the checks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PasswordRefused {
    /// More than 1,024 bytes.
    #[error("the password is too long")]
    TooLong,
    /// The user name, in whatever case.
    #[error("the password is the user name")]
    IsUsername,
    /// The e-mail address, in whatever case.
    #[error("the password is the e-mail address")]
    IsEmail,
    /// The holder's own name, in whatever case.
    #[error("the password is the holder's name")]
    IsFullName,
    /// Fewer characters than the rules ask for.
    #[error("the password is too short: it must have at least {minimum} characters")]
    TooShort {
        /// How many these are.
        minimum: usize,
    },
    /// On the list of common passwords or on the operator's, or the installation's name, in whatever case.
    #[error("the password is one of the most common ones")]
    TooCommon,
}

/// A password that may be set: it passed the rules, or it is in force already.
///
/// ```
/// use latchkey::domain::{Password, PasswordContext, PasswordRefused};
///
/// let about = PasswordContext { username: Some("alice.liddell"), ..PasswordContext::default() };
/// assert!(Password::parse("down the rabbit hole", &about).is_ok());
/// assert_eq!(Password::parse("Alice.Liddell", &about).err(), Some(PasswordRefused::IsUsername));
/// assert_eq!(Password::parse("Password1", &about).err(), Some(PasswordRefused::TooCommon));
/// ```
pub struct Password(Zeroizing<String>);

impl Password {
    /// Judges a new password by [`PasswordRules::STRICT`].
    ///
    /// # Errors
    /// Which rule the text broke.
    pub fn parse(text: &str, about: &PasswordContext<'_>) -> Result<Self, PasswordRefused> {
        Self::parse_under(&PasswordRules::STRICT, text, about)
    }

    /// Judges a new password by the rules of a dialect.
    ///
    /// Name before length before list is the order of Traffic Ops (fact sheet §5.1).
    ///
    /// # Errors
    /// Which rule the text broke.
    pub fn parse_under(
        rules: &PasswordRules,
        text: &str,
        about: &PasswordContext<'_>,
    ) -> Result<Self, PasswordRefused> {
        let password = normalised(text).ok_or(PasswordRefused::TooLong)?;
        let caseless = folded(&password);
        let is = |name: Option<&str>| {
            name.filter(|name| !name.is_empty()).is_some_and(|name| *folded(name) == *caseless)
        };
        match () {
            () if is(about.username) => Err(PasswordRefused::IsUsername),
            () if is(about.email) => Err(PasswordRefused::IsEmail),
            () if is(about.full_name) => Err(PasswordRefused::IsFullName),
            () if password.chars().count() < rules.minimum => {
                Err(PasswordRefused::TooShort { minimum: rules.minimum })
            }
            () if rules.refuse_common && common_passwords::contains(&caseless) => {
                Err(PasswordRefused::TooCommon)
            }
            () if about.refused.is_some_and(|words| words.contains(&caseless)) => {
                Err(PasswordRefused::TooCommon)
            }
            () => Ok(Self(password)),
        }
    }

    /// The password of an account that just signed in with it, to be hashed again in today's scheme.
    ///
    /// The rules for new passwords are not asked, they may be younger; `None` if it is empty or too long even so.
    pub fn already_accepted(text: &str) -> Option<Self> {
        PasswordAttempt::parse(text).map(PasswordAttempt::into_password_in_force)
    }

    /// The password in NFC, for the hasher.
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use unicode_normalization::UnicodeNormalization as _;

    use super::*;

    const ALICE: PasswordContext<'static> = PasswordContext {
        username: Some("alice.liddell"),
        email: Some("Alice@Example.org"),
        full_name: Some("Alice Liddell"),
        refused: None,
    };

    fn refusal(text: &str) -> Option<PasswordRefused> {
        Password::parse(text, &ALICE).err()
    }

    #[test]
    fn eight_characters_are_enough_and_characters_are_not_bytes() {
        assert_eq!(refusal("zq9-fjw"), Some(PasswordRefused::TooShort { minimum: 8 }));
        assert_eq!(refusal("zq9-fjwx"), None);
        assert_eq!(
            refusal("éèêëē"),
            Some(PasswordRefused::TooShort { minimum: 8 }),
            "ten bytes, five characters"
        );
        assert_eq!(
            refusal("e\u{301}e\u{300}e\u{302}e\u{308}"),
            Some(PasswordRefused::TooShort { minimum: 8 })
        );
        assert_eq!(refusal("🔑🗝🔑🗝🔑🗝🔑🗝"), None);
        assert_eq!(refusal(""), Some(PasswordRefused::TooShort { minimum: 8 }));
    }

    #[test]
    fn any_character_counts_and_none_is_asked_for() {
        for text in ["        x", "\0\0\0\0\0\0\0\0", "\t\n\u{7f}\r abc", "only lower case letters"] {
            let password = Password::parse(text, &ALICE).map(|password| password.reveal().to_owned());
            assert_eq!(password, Ok(text.to_owned()), "nothing is trimmed or folded");
        }
    }

    #[test]
    fn a_password_has_at_most_1024_bytes_in_nfc() {
        assert_eq!(refusal(&"q".repeat(1024)), None);
        assert_eq!(refusal(&"q".repeat(1025)), Some(PasswordRefused::TooLong));
        assert_eq!(refusal(&"e\u{301}".repeat(512)), None, "1,536 bytes typed are 1,024 in NFC");
        assert_eq!(refusal(&"e\u{301}".repeat(513)), Some(PasswordRefused::TooLong));
        assert!(PasswordAttempt::parse(&"q".repeat(1024)).is_some());
        assert!(PasswordAttempt::parse(&"q".repeat(1025)).is_none());
        assert!(PasswordAttempt::parse("").is_none());
    }

    #[test]
    fn a_password_is_not_the_name_or_the_address_in_any_case() {
        assert_eq!(refusal("alice.liddell"), Some(PasswordRefused::IsUsername));
        assert_eq!(refusal("ALICE.Liddell"), Some(PasswordRefused::IsUsername));
        assert_eq!(refusal("alice@example.org"), Some(PasswordRefused::IsEmail));
        assert_eq!(refusal("alice.liddell2"), None);
        assert_eq!(refusal("ALICE LIDDELL"), Some(PasswordRefused::IsFullName));
        let zoe =
            PasswordContext { username: Some("ZOE\u{308}"), email: Some(""), ..PasswordContext::default() };
        assert_eq!(Password::parse("zoë", &zoe).err(), Some(PasswordRefused::IsUsername));
        assert_eq!(Password::parse("", &zoe).err(), Some(PasswordRefused::TooShort { minimum: 8 }));
    }

    #[test]
    fn a_common_password_is_refused_in_any_case() {
        for text in ["password", "PASSWORD", "Password1", "twelve12", "12345678", "TrafficOps123"] {
            assert_eq!(refusal(text), Some(PasswordRefused::TooCommon), "{text}");
        }
        assert_eq!(refusal("correct horse battery staple"), None);
    }

    #[test]
    fn what_the_installation_refuses_is_nobodys_password_under_any_rules() {
        let words = RefusedWords::of(["Wonderland Sign-In", " ", "down the rabbit hole\r"]);
        let about = PasswordContext { refused: Some(&words), ..ALICE };
        for rules in [PasswordRules::STRICT, PasswordRules::documented(6)] {
            for text in ["wonderland sign-in", "Down The Rabbit Hole"] {
                let judged = Password::parse_under(&rules, text, &about);
                assert_eq!(judged.err(), Some(PasswordRefused::TooCommon), "{text}");
            }
            assert!(Password::parse_under(&rules, "down the rabbit holes", &about).is_ok());
        }
    }

    #[test]
    fn a_documented_minimum_stands_alone() {
        let rules = PasswordRules::documented(6);
        let refusal = |text| Password::parse_under(&rules, text, &ALICE).err();
        assert_eq!(refusal("azerty"), None);
        assert_eq!(refusal("azert"), Some(PasswordRefused::TooShort { minimum: 6 }));
    }

    proptest! {
        #[test]
        fn whoever_could_set_a_password_can_type_it_in_either_form(text in any::<String>()) {
            if let Ok(password) = Password::parse(&text, &PasswordContext::default()) {
                let decomposed = text.nfd().collect::<String>();
                for typed in [text.as_str(), &decomposed] {
                    let attempt = PasswordAttempt::parse(typed);
                    prop_assert!(attempt.is_some_and(|attempt| attempt.normalised() == password.reveal()));
                }
            }
        }
    }
}
