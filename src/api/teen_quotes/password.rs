//! Forgotten passwords, and new ones (fact sheet Teen Quotes §2.3).

use super::{credentials, envelope::success, form};
use crate::{
    api::{call::Call, form::Form, problem::Problem, reply::Reply},
    domain::{EmailAddress, Password, PasswordContext, PasswordRefused, ResetKey},
    service::{
        AddressedKey, AddressedKeyError, KeyTerms, LetterTerms, OwnPasswordError, ResetError,
        UnknownAccount::Documented,
    },
};

/// Writes to the address, if it belongs to an account.
pub(super) async fn remind(call: Call) -> Result<Reply, Problem> {
    let choices = &call.site.dialects.teen_quotes;
    match email(&form(&call)) {
        Some(email) => {
            let (unknown, lifetime) = (choices.unknown, choices.key_lifetime);
            let terms = LetterTerms { unknown, lifetime, link: choices.link.as_deref() };
            let recovery = &call.site.services.recovery;
            let asked = recovery.request_under(&terms, &email, &call.origin).await;
            asked.map_err(not_reminded)?;
        }
        None if choices.unknown == Documented => return Err(wrong_user()),
        None => {}
    }
    success("reminder_sent", "An email was sent to the user.")
}

/// Sets a password with the key of a letter.
pub(super) async fn reset(call: Call) -> Result<Reply, Problem> {
    let (form, choices) = (form(&call), &call.site.dialects.teen_quotes);
    let presented = AddressedKey {
        email: email(&form),
        key: form.get("token").and_then(ResetKey::parse),
        password: form.get("password").unwrap_or_default(),
    };
    let terms = KeyTerms { unknown: choices.unknown, rules: choices.rules };
    let recovery = &call.site.services.recovery;
    let redeemed = recovery.redeem_addressed(presented, &terms, &call.origin).await;
    redeemed.map_err(not_reset)?;
    success("password_reset", "The new password has been set.")
}

/// Sets the caller's own password; the old one is not asked for (B16).
pub(super) async fn update(call: Call) -> Result<Reply, Problem> {
    let (form, rules) = (form(&call), &call.site.dialects.teen_quotes.rules);
    let password = form.get("password").ok_or_else(|| wrong_password("The password field is required."))?;
    let judged = Password::parse_under(rules, password, &PasswordContext::default());
    judged.map_err(|broken| wrong_password(rule(broken)))?;
    if form.get("password_confirmation") != Some(password) {
        return Err(wrong_password("The password confirmation does not match."));
    }
    let (accounts, caller) = (&call.site.services.accounts, call.caller()?);
    let set = accounts.set_own_password(caller, password, rules, &call.origin).await;
    set.map_err(not_updated)?;
    success("password_updated", "The new password has been set.")
}

fn email(form: &Form) -> Option<EmailAddress> {
    form.get("email").and_then(|text| EmailAddress::parse_mailbox(text).ok())
}

fn not_reminded(error: ResetError) -> Problem {
    match error {
        ResetError::UnknownAccount => wrong_user(),
        ResetError::Internal(fault) => fault.into(),
    }
}

fn not_reset(error: AddressedKeyError) -> Problem {
    match error {
        AddressedKeyError::UnknownAccount => wrong_user(),
        AddressedKeyError::Password(_) => wrong_password("The password is wrong."),
        AddressedKeyError::Refused => {
            Problem::bad_request("The reset token is invalid.").coded("wrong_token")
        }
        AddressedKeyError::Internal(fault) => fault.into(),
    }
}

fn not_updated(error: OwnPasswordError) -> Problem {
    match error {
        OwnPasswordError::Refused(broken) => wrong_password(rule(broken)),
        OwnPasswordError::SignedOut => credentials::not_valid(),
        OwnPasswordError::Internal(fault) => fault.into(),
    }
}

fn wrong_user() -> Problem {
    Problem::bad_request("The email address doesn't match a user.").coded("wrong_user")
}

fn wrong_password(text: impl Into<String>) -> Problem {
    Problem::bad_request(text).coded("wrong_password")
}

/// The document has words for the first rule only.
fn rule(broken: PasswordRefused) -> String {
    match broken {
        PasswordRefused::TooShort { minimum } => {
            format!("The password must be at least {minimum} characters.")
        }
        PasswordRefused::TooLong => "The password may not be greater than 1024 bytes.".to_owned(),
        PasswordRefused::IsUsername => "The password may not be the login.".to_owned(),
        PasswordRefused::IsEmail => "The password may not be the email address.".to_owned(),
        PasswordRefused::IsFullName => "The password may not be the name.".to_owned(),
        PasswordRefused::TooCommon => "The password is one of the most common ones.".to_owned(),
    }
}
