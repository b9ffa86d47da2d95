//! Forgotten passwords.

use crate::{
    api::{call::Call, fields::Misread, problem::Problem, reply::Reply},
    domain::{EmailAddress, EmailRefused},
    service::ResetError,
};

/// Writes to the address, if it belongs to an account.
pub(super) async fn request_reset(call: Call) -> Result<Reply, Problem> {
    let given = call.fields().and_then(|fields| fields.text("email")).map_err(misread)?;
    let text = given.value().unwrap_or_default();
    let email = EmailAddress::parse_mailbox(&text).map_err(|error| not_an_address(&text, error))?;
    let (recovery, unknown) = (&call.site.services.recovery, call.site.dialects.traffic_ops.unknown);
    let asked = recovery.request(&email, unknown, &call.origin).await;
    asked.map_err(|error| worded(error, &email))?;
    Ok(Reply::note(format!("Successfully sent password reset to email '{email}'")))
}

fn misread(error: Misread) -> Problem {
    Problem::bad_request(format!("Malformed request: {error}"))
}

fn not_an_address(text: &str, error: EmailRefused) -> Problem {
    Problem::bad_request(match error {
        EmailRefused::Blank | EmailRefused::TooLong => format!("Malformed request: {error}"),
        EmailRefused::Malformed => format!("Malformed request: Couldn't parse '{text}' as an email address"),
    })
}

fn worded(error: ResetError, email: &EmailAddress) -> Problem {
    match error {
        ResetError::UnknownAccount => {
            Problem::not_found(format!("No account with the email address '{email}' was found!"))
        }
        ResetError::Internal(fault) => fault.into(),
    }
}
