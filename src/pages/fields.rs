//! Fields that several forms have, and what is said when they can't be taken.

use super::{form::Form, sheet::Sheet, words::say};
use crate::domain::{EmailAddress, EmailRefused, Profile, Username, UsernameRefused};

/// What somebody signs in with.
pub(super) fn username(form: &Form) -> Result<Username, String> {
    Username::parse(form.text("username").trim()).map_err(unusable)
}

/// Why a text is no user name to be had.
pub(super) fn unusable(refused: UsernameRefused) -> String {
    match refused {
        UsernameRefused::Blank => say("faults.username_wanted"),
        UsernameRefused::TooLong => say("faults.username_too_long"),
        UsernameRefused::Control => say("faults.control"),
        UsernameRefused::Lookalike => say("faults.username_lookalike"),
    }
}

/// The address of an account.
pub(super) fn email(form: &Form) -> Result<EmailAddress, String> {
    EmailAddress::parse(form.text("email").trim()).map_err(|refused| match refused {
        EmailRefused::Blank => say("faults.email_wanted"),
        EmailRefused::TooLong | EmailRefused::Malformed => say("faults.email"),
    })
}

/// Longest free text, in characters: more is a slip.
const LONGEST: usize = 200;
/// Longest SSH key, in characters.
const LONGEST_KEY: usize = 8000;

/// The name people call somebody by.
pub(super) fn full_name(form: &Form) -> Result<String, String> {
    text(form, "full_name", LONGEST)?.ok_or_else(|| say("faults.full_name_wanted"))
}

/// A free text; `None` if nothing was typed.
fn text(form: &Form, name: &str, longest: usize) -> Result<Option<String>, String> {
    let Some(text) = form.given(name) else { return Ok(None) };
    match text {
        text if text.chars().count() > longest => Err(say("faults.too_long")),
        text if text.chars().any(char::is_control) => Err(say("faults.control")),
        text => Ok(Some(text.to_owned())),
    }
}

/// Where a text of a profile is.
type Spot = fn(&mut Profile) -> &mut Option<String>;

/// The texts of a profile: their names in forms, how long they may be, and where they are.
const PROFILE: [(&str, usize, Spot); 9] = [
    ("company", LONGEST, |profile| &mut profile.company),
    ("phone_number", LONGEST, |profile| &mut profile.phone_number),
    ("address_line1", LONGEST, |profile| &mut profile.address_line1),
    ("address_line2", LONGEST, |profile| &mut profile.address_line2),
    ("postal_code", LONGEST, |profile| &mut profile.postal_code),
    ("city", LONGEST, |profile| &mut profile.city),
    ("state_or_province", LONGEST, |profile| &mut profile.state_or_province),
    ("country", LONGEST, |profile| &mut profile.country),
    ("public_ssh_key", LONGEST_KEY, |profile| &mut profile.public_ssh_key),
];

/// A form with the texts of a profile.
pub(super) fn with_profile(sheet: Sheet, profile: &Profile) -> Sheet {
    let mut profile = profile.clone();
    let filled = |sheet: Sheet, (name, _, field): (_, _, Spot)| {
        sheet.with(name, field(&mut profile).take().unwrap_or_default())
    };
    PROFILE.into_iter().fold(sheet, filled)
}

/// A form with the texts of a profile as they were typed.
pub(super) fn with_typed_profile(sheet: Sheet, form: &Form) -> Sheet {
    PROFILE.into_iter().fold(sheet, |sheet, (name, ..)| sheet.with(name, form.text(name)))
}

/// Reads the texts of a profile over the present one, and notes what is wrong with which of them.
pub(super) fn read_profile(form: &Form, present: &Profile, sheet: &mut Sheet) -> Profile {
    let mut next = present.clone();
    for (name, longest, field) in PROFILE {
        if let Some(read) = sheet.check(name, text(form, name, longest)) {
            *field(&mut next) = read;
        }
    }
    next
}
