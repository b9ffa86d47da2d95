//! The page behind the link of a reset letter. Opening it never uses the key up: only the form does.

use http::{HeaderValue, StatusCode, header};
use minijinja::context;

use super::page;
use crate::{
    api::{call::Call, problem::Problem, reply::Reply, site::Site},
    domain::{PasswordRefused, ResetKey},
    service::KeyError,
};

/// Shows the form, with the key in it.
pub(super) async fn form(call: Call) -> Result<Reply, Problem> {
    let key = key(call.query("token"))?;
    call.site.services.recovery.look(&key).await.map_err(refused)?;
    show(&call.site, &key, None)
}

/// Takes the form.
pub(super) async fn redeem(call: Call) -> Result<Reply, Problem> {
    let key = key(call.form_field("token"))?;
    let password = call.form_field("password").unwrap_or_default();
    if call.form_field("password_again").as_deref() != Some(&password) {
        return again(&call.site, &key, "The two passwords are not the same.");
    }
    match call.site.services.recovery.redeem(&key, &password, call.dialect(), &call.origin).await {
        Ok(()) => Ok(Reply::page(String::new())
            .with_status(StatusCode::SEE_OTHER)
            .with(header::LOCATION, HeaderValue::from_static("/reset-password/done"))),
        Err(KeyError::Password(broken)) => again(&call.site, &key, rule(broken)),
        Err(error) => Err(refused(error)),
    }
}

/// Says that it is done.
pub(super) async fn done(call: Call) -> Result<Reply, Problem> {
    page(&call.site, "reset_done.html", context! {})
}

fn key(text: Option<String>) -> Result<ResetKey, Problem> {
    text.and_then(|text| ResetKey::parse(&text)).ok_or_else(gone)
}

fn show(site: &Site, key: &ResetKey, error: Option<&str>) -> Result<Reply, Problem> {
    page(site, "reset.html", context! { key => key.reveal(), error => error })
}

fn again(site: &Site, key: &ResetKey, error: &str) -> Result<Reply, Problem> {
    Ok(show(site, key, Some(error))?.with_status(StatusCode::BAD_REQUEST))
}

fn refused(error: KeyError) -> Problem {
    match error {
        KeyError::Refused | KeyError::Password(_) => gone(),
        KeyError::Internal(fault) => fault.into(),
    }
}

fn gone() -> Problem {
    let text = "This link has been used, is too old, or was replaced by a newer one. Ask for another letter.";
    Problem::new(StatusCode::GONE, text)
}

fn rule(broken: PasswordRefused) -> &'static str {
    match broken {
        PasswordRefused::TooShort => "The password is too short: use at least 8 characters.",
        PasswordRefused::TooLong => "The password is too long: use at most 1,024 bytes.",
        PasswordRefused::IsUsername => "The password must not be your user name.",
        PasswordRefused::IsEmail => "The password must not be your e-mail address.",
        PasswordRefused::TooCommon => "This password is on the list of the most common ones. Choose another.",
    }
}
