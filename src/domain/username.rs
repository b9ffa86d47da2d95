//! The name an account signs in with.

use std::fmt;

use super::lookalike;

/// A user name: any characters but control characters, case-sensitive.
///
/// Source: fact sheet Traffic Ops §2.1; the length is latchkey's own limit.
///
/// ```
/// use latchkey::domain::{Username, UsernameRefused};
///
/// assert_eq!(Username::parse(""), Err(UsernameRefused::Blank));
/// let brought_along = Username::parse("alice ")?;
/// assert_eq!(brought_along.may_be_taken(), Err(UsernameRefused::Lookalike));
/// assert!(Username::parse("Alice Liddell")?.may_be_taken().is_ok());
/// # Ok::<(), UsernameRefused>(())
/// ```
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
    /// Could be taken for another one.
    #[error(
        "a user name is made of letters and digits of any script, the signs of ASCII and single spaces, and is not \
         written in wide, narrow or decomposed forms"
    )]
    Lookalike,
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

    /// Whether somebody may take this name from now on. Who has one already keeps it: names are brought along from
    /// elsewhere, where other rules were in force.
    ///
    /// # Errors
    /// [`UsernameRefused::Lookalike`].
    pub fn may_be_taken(&self) -> Result<(), UsernameRefused> {
        if lookalike::is_plain(&self.0) { Ok(()) } else { Err(UsernameRefused::Lookalike) }
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

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use unicode_normalization::UnicodeNormalization as _;
    use unicode_properties::{GeneralCategory, UnicodeGeneralCategory as _};

    use super::*;

    fn may_be_taken(text: &str) -> bool {
        Username::parse(text).is_ok_and(|name| name.may_be_taken().is_ok())
    }

    #[test]
    fn a_name_is_of_any_script_and_has_single_spaces() {
        for good in [
            "alice",
            "Alice Liddell",
            "~tilde",
            "a--b",
            "a@b.test",
            "o'neill",
            "管理者",
            "ünï",
            "Σίσυφος",
            "דוד",
            "أحمد",
            "राम",
            "김철수",
            "たろう",
            "Nguyễn",
            "x_1.2+3",
        ] {
            assert!(may_be_taken(good), "{good}");
        }
    }

    #[test]
    fn a_name_that_could_be_taken_for_another_is_not_given_away() {
        for (bad, what) in [
            ("ali\u{200b}ce", "zero width"),
            ("ali\u{200d}ce", "a joiner"),
            ("\u{feff}alice", "a byte order mark"),
            ("ali\u{ad}ce", "a soft hyphen"),
            ("\u{202e}ecila", "a bidirectional override"),
            ("alice\u{200e}", "a bidirectional mark"),
            ("alice\u{2066}", "a bidirectional isolate"),
            ("ａｌｉｃｅ", "full width"),
            ("ﬁona", "a ligature"),
            ("zoe\u{308}", "decomposed"),
            (" alice", "a space in front"),
            ("alice ", "a space behind"),
            ("alice  liddell", "two spaces"),
            ("alice\u{a0}liddell", "a space that is none"),
            ("alice\u{3000}liddell", "a wide space"),
            ("alice\u{2800}", "an empty pattern"),
            ("alice\u{3164}", "a filler"),
            ("alice\u{115f}", "another filler"),
            ("alice\u{fe0f}", "a variation"),
            ("alice\u{e0041}", "a tag"),
            ("alice\u{34f}", "a joiner of graphemes"),
            ("alice\u{e000}", "private use"),
            ("alice\u{2028}", "a separator of lines"),
            ("alice\u{378}", "nothing yet"),
        ] {
            assert!(!may_be_taken(bad), "{what}");
            assert!(Username::parse(bad).is_ok(), "who has it keeps it: {what}");
        }
    }

    proptest! {
        #[test]
        fn plain_names_may_be_taken(name in "[!-~]{1,40}( [!-~]{1,40})?") {
            prop_assert!(may_be_taken(&name));
        }

        #[test]
        fn what_may_be_taken_is_normal_and_has_no_space_but_single_ones(name in "\\PC{1,8}|[\\p{L}\\p{M}\\p{Cf}\\p{Zs}]{1,8}") {
            if may_be_taken(&name) {
                prop_assert_eq!(name.nfkc().collect::<String>(), name.clone());
                prop_assert_eq!(name.split_whitespace().collect::<Vec<_>>().join(" "), name.clone());
                let unshown = |c: char| c.general_category() == GeneralCategory::Format;
                prop_assert!(!name.chars().any(unshown), "{:?}", name);
            }
        }
    }
}
