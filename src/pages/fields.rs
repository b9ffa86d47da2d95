//! Fields that several forms have, and what is said when they can't be taken.

use super::{form::Form, words::say};
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

/// Names of the profile's texts, as they stand in forms, with how long they may be.
pub(super) const PROFILE: [(&str, usize); 9] = [
    ("company", LONGEST),
    ("phone_number", LONGEST),
    ("address_line1", LONGEST),
    ("address_line2", LONGEST),
    ("postal_code", LONGEST),
    ("city", LONGEST),
    ("state_or_province", LONGEST),
    ("country", LONGEST),
    ("public_ssh_key", LONGEST_KEY),
];

/// The field of a profile that a form calls so.
pub(super) fn of_profile<'a>(profile: &'a mut Profile, name: &str) -> Option<&'a mut Option<String>> {
    Some(match name {
        "company" => &mut profile.company,
        "phone_number" => &mut profile.phone_number,
        "address_line1" => &mut profile.address_line1,
        "address_line2" => &mut profile.address_line2,
        "postal_code" => &mut profile.postal_code,
        "city" => &mut profile.city,
        "state_or_province" => &mut profile.state_or_province,
        "country" => &mut profile.country,
        "public_ssh_key" => &mut profile.public_ssh_key,
        _ => return None,
    })
}

/// Reads the texts of a profile over the present one, and notes what is wrong with which of them.
pub(super) fn read_profile(form: &Form, present: &Profile, sheet: &mut super::sheet::Sheet) -> Profile {
    let mut next = present.clone();
    for (name, longest) in PROFILE {
        if let (Some(read), Some(field)) =
            (sheet.check(name, text(form, name, longest)), of_profile(&mut next, name))
        {
            *field = read;
        }
    }
    next
}
