//! Forgotten passwords: a letter with a link, whose key is exchanged for a password by mail.

use super::{form, navigation::opens_a_link, page};
use crate::{
    api::{call::Call, form::Form, problem::Problem, reply::Reply},
    domain::{ResetKey, Username},
    service::{KeyError, LetterTerms, NamedResetError, UnknownAccount},
};

/// Writes to the account of an e-mail address or a user name, if there is one.
pub(super) async fn request(call: Call) -> Result<Reply, Problem> {
    let (body, query) = (form::read(&call).await, Form::of_pairs(call.query.as_bytes()).unwrap_or_default());
    let field = |name: &str| body.get(name).or_else(|| query.get(name));
    let name = field("email").map(str::trim).filter(|name| !name.is_empty()).ok_or_else(incomplete)?;
    let choices = &call.site.dialects.buddha_jones;
    let url = field("url").filter(|url| choices.urls.allow(url)).ok_or_else(incomplete)?;
    let lifetime = call.site.services.recovery.key_lifetime();
    let terms = LetterTerms { unknown: choices.unknown, lifetime, link: Some(url) };
    match (Username::parse(name), choices.unknown) {
        (Ok(name), _) => {
            let recovery = &call.site.services.recovery;
            let asked = recovery.request_named(&name, &terms, &call.origin).await;
            asked.map_err(not_requested)?;
        }
        (Err(_), UnknownAccount::Documented) => return Err(not_found()),
        (Err(_), UnknownAccount::Uniform) => {}
    }
    Ok(Reply::note("Request successful."))
}

/// `GET /password-reset?token=…`
pub(super) async fn by_query(call: Call) -> Result<Reply, Problem> {
    let token = call.query("token");
    validate(&call, token.as_deref(), "password-reset/confirm").await
}

/// `GET /password-reset/…`, which is what the contract's own client sends (C2).
pub(super) async fn by_path(call: Call) -> Result<Reply, Problem> {
    validate(&call, call.param("token"), "confirm").await
}

/// A program of the API exchanges the key in one step; whatever only opens a link is shown a button.
async fn validate(call: &Call, token: Option<&str>, action: &str) -> Result<Reply, Problem> {
    let key = token.and_then(ResetKey::parse).ok_or_else(invalid_token);
    if !opens_a_link(&call.headers) {
        return exchange(call, &key?).await;
    }
    let good = match key {
        Ok(key) => {
            call.site.services.recovery.look(&key, &call.origin).await.map(|()| key).map_err(not_exchanged)
        }
        Err(problem) => Err(problem),
    };
    match good {
        Ok(key) => page::button(&call.site, &key, action),
        Err(problem) => page::failed(&call.site, &problem),
    }
}

/// The button was pressed.
pub(super) async fn confirm(call: Call) -> Result<Reply, Problem> {
    let form = form::read(&call).await;
    let exchanged = match form.get("token").and_then(ResetKey::parse) {
        Some(key) => exchange(&call, &key).await,
        None => Err(invalid_token()),
    };
    match (opens_a_link(&call.headers), exchanged) {
        (false, exchanged) => exchanged,
        (true, Ok(_)) => page::done(&call.site),
        (true, Err(problem)) => page::failed(&call.site, &problem),
    }
}

async fn exchange(call: &Call, key: &ResetKey) -> Result<Reply, Problem> {
    let recovery = &call.site.services.recovery;
    recovery.exchange(key, &call.origin).await.map_err(not_exchanged)?;
    Ok(Reply::note("Request successful"))
}

fn incomplete() -> Problem {
    Problem::bad_request("Please provide required data (email (or user name), url).")
}

fn not_found() -> Problem {
    Problem::bad_request("User not found.")
}

/// One answer for missing, malformed, unknown, used and expired (C3).
fn invalid_token() -> Problem {
    Problem::bad_request("Invalid token")
}

fn not_requested(error: NamedResetError) -> Problem {
    match error {
        NamedResetError::UnknownAccount => not_found(),
        NamedResetError::NoAddress => Problem::bad_request("User does not have email address."),
        NamedResetError::Internal(fault) => fault.into(),
    }
}

fn not_exchanged(error: KeyError) -> Problem {
    match error {
        KeyError::Refused | KeyError::Password(_) => invalid_token(),
        KeyError::Internal(fault) => fault.into(),
    }
}
