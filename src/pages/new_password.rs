//! A new password, typed twice: what is refused and why, and how hard it is to guess.

use minijinja::{Value, context};
use zxcvbn::{Score, feedback::Warning};

use super::{form::Form, sheet::Sheet, words::say};
use crate::domain::PasswordRefused;

/// What was typed.
pub(super) struct NewPassword<'a> {
    text: &'a str,
    again: &'a str,
    to_be_shown: bool,
}

impl<'a> NewPassword<'a> {
    /// Takes it from a form.
    pub fn of(form: &'a Form) -> Self {
        Self {
            text: form.text("password"),
            again: form.text("password_again"),
            // A button of its own that changes nothing: no script is needed, and nothing is shown unasked.
            to_be_shown: form.has("show_password"),
        }
    }

    /// Whether the form is only to come back with the passwords to be read.
    pub fn is_to_be_shown(&self) -> bool {
        self.to_be_shown
    }

    /// The form's fields, to be read, with what can be said about them.
    pub fn shown(&self, sheet: Sheet, about: &[&str]) -> Sheet {
        let sheet = sheet.with("password", self.text).with("password_again", self.again);
        let sheet = sheet.with("shown", true);
        match self.text {
            "" => sheet,
            text => sheet.with("strength", strength(text, about)),
        }
    }

    /// The password, if it was typed twice alike; otherwise both fields are wrong.
    pub fn check(&self, sheet: &mut Sheet) -> Option<&'a str> {
        let text = sheet.check("password", self.text());
        if text.is_none() {
            sheet.mark("password_again", "password");
        }
        text
    }

    fn text(&self) -> Result<&'a str, String> {
        match self.text {
            "" => Err(say("faults.password_wanted")),
            text if text != self.again => Err(say("faults.passwords_differ")),
            text => Ok(text),
        }
    }
}

/// Why a password is refused.
pub(super) fn rule(broken: PasswordRefused) -> String {
    match broken {
        PasswordRefused::TooShort { .. } => say("faults.password_too_short"),
        PasswordRefused::TooLong => say("faults.password_too_long"),
        PasswordRefused::IsUsername => say("faults.password_is_username"),
        PasswordRefused::IsEmail => say("faults.password_is_email"),
        PasswordRefused::IsFullName => say("faults.password_is_full_name"),
        PasswordRefused::TooCommon => say("faults.password_too_common"),
    }
}

/// Characters that are looked at: an estimate of more of them is no better and takes long.
const LOOKED_AT: usize = 64;

/// How hard the password is to guess for somebody who tries likely ones first. An estimate: nothing is refused by it.
fn strength(text: &str, about: &[&str]) -> Value {
    let start: String = text.chars().take(LOOKED_AT).collect();
    let estimate = zxcvbn::zxcvbn(&start, about);
    let words = match estimate.score() {
        Score::Zero => say("strength.hopeless"),
        Score::One => say("strength.weak"),
        Score::Two => say("strength.fair"),
        Score::Three => say("strength.good"),
        _ => say("strength.strong"),
    };
    let why = estimate.feedback().and_then(zxcvbn::feedback::Feedback::warning).map(why);
    context! { level => u8::from(estimate.score()), words, why }
}

fn why(warning: Warning) -> String {
    match warning {
        Warning::StraightRowsOfKeysAreEasyToGuess | Warning::ShortKeyboardPatternsAreEasyToGuess => {
            say("strength.keys")
        }
        Warning::RepeatsLikeAaaAreEasyToGuess | Warning::RepeatsLikeAbcAbcAreOnlySlightlyHarderToGuess => {
            say("strength.repeats")
        }
        Warning::ThisIsATop10Password
        | Warning::ThisIsATop100Password
        | Warning::ThisIsACommonPassword
        | Warning::ThisIsSimilarToACommonlyUsedPassword => say("strength.common"),
        Warning::SequencesLikeAbcAreEasyToGuess => say("strength.sequences"),
        Warning::RecentYearsAreEasyToGuess | Warning::DatesAreOftenEasyToGuess => say("strength.dates"),
        Warning::AWordByItselfIsEasyToGuess => say("strength.one_word"),
        Warning::NamesAndSurnamesByThemselvesAreEasyToGuess
        | Warning::CommonNamesAndSurnamesAreEasyToGuess => say("strength.names"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_easy_to_guess_is_called_so() {
        let level = |text: &str, about: &[&str]| {
            u8::try_from(strength(text, about).get_attr("level").unwrap().as_usize().unwrap()).unwrap()
        };
        assert!(level("qwertyuiop", &[]) <= 1);
        assert!(level("alice.liddell", &["alice.liddell"]) <= 1);
        assert_eq!(level("correct horse battery staple", &[]), 4);
        assert_eq!(level(&"x7#Qp".repeat(300), &[]), 4, "a long one takes no longer");
    }
}
