//! Forgotten passwords, signing in and out (fact sheet Timeslot §1.1).

use http::StatusCode;
use serde::Serialize;

use super::envelope::done;
use crate::{
    api::{call::Call, form::Form, problem::Problem, reply::Reply},
    domain::EmailAddress,
    service::{Issued, ResetError, SignInError, SignInName, TokenTerms},
};

/// Mails a one-time password to the address, if it belongs to an account.
///
/// Where the operator fixed a password it is set at once, as the seed document has it.
pub(super) async fn reset(call: Call) -> Result<Reply, Problem> {
    let form = read(&call)?;
    let email = EmailAddress::parse_mailbox(required(&form, "email")?).map_err(|_| invalid_email())?;
    let (recovery, choices) = (&call.site.services.recovery, &call.site.dialects.timeslot);
    let (unknown, origin) = (choices.unknown, &call.origin);
    let asked = match &choices.fixed_password {
        None => recovery.request_password(&email, unknown, origin).await,
        Some(fixed) => recovery.overwrite(&email, fixed.reveal(), unknown, origin).await,
    };
    asked.map_err(not_reset)?;
    Ok(done())
}

/// What a client gets that signed in. The order of the members is part of the promise: the `ETag` is over it.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct SignedIn<'a> {
    id: i64,
    username: &'a str,
    email: Option<&'a str>,
    auth_token: &'a str,
}

/// Signs in with an address and a password; the earlier token ends.
pub(super) async fn sign_in(call: Call) -> Result<Reply, Problem> {
    let form = read(&call)?;
    let password = required(&form, "password")?;
    let email = required(&form, "email")?;
    let terms = TokenTerms { dialect: call.origin.dialect, lifetime: None };
    let tokens = &call.site.services.tokens;
    let issued = tokens.sign_in(SignInName::Email(email), password, terms, &call.origin).await;
    let Issued { token, account } = issued.map_err(not_signed_in)?;
    Reply::bare(&SignedIn {
        id: account.id.0,
        username: account.username.as_str(),
        email: account.email.as_ref().map(EmailAddress::as_str),
        auth_token: &token.reveal(),
    })
}

/// Signs out: the token ends.
pub(super) async fn sign_out(call: Call) -> Result<Reply, Problem> {
    call.site.services.tokens.end_callers(call.caller()?, &call.origin).await?;
    Ok(done())
}

fn read(call: &Call) -> Result<Form, Problem> {
    Form::read(&call.headers, &call.body).map_err(|_| Problem::bad_request("Bad Request"))
}

fn required<'a>(form: &'a Form, name: &str) -> Result<&'a str, Problem> {
    form.get(name).ok_or_else(|| {
        let text = format!("param is missing or the value is empty: {name}");
        Problem::new(StatusCode::UNPROCESSABLE_ENTITY, text)
    })
}

fn not_reset(error: ResetError) -> Problem {
    match error {
        ResetError::UnknownAccount => invalid_email(),
        ResetError::Internal(fault) => fault.into(),
    }
}

/// Malformed and unknown sound alike: the document promises the status for both (fact sheet A3, A5).
fn invalid_email() -> Problem {
    Problem::forbidden("invalid email")
}

fn not_signed_in(error: SignInError) -> Problem {
    match error {
        SignInError::Refused => Problem::unauthorized("email and password didn't match"),
        SignInError::Internal(fault) => fault.into(),
    }
}
