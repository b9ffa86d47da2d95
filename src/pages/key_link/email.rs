//! The confirmation of a new e-mail address, by the key of the letter that went there.
//!
//! It works on any device, signed in or not: the key says whose address it is.

use http::StatusCode;
use minijinja::context;

use super::{in_form, leave, onward, presented};
use crate::{
    api::{call::Call, problem::Problem, reply::Reply},
    pages::{form::Form, render::refusal, sheet::Sheet, show::form_page, words::say},
    service::ConfirmEmailError,
};

const PATH: &str = "/confirm-email";

/// Takes the key out of the address, then asks.
pub(in crate::pages) async fn show(call: Call) -> Result<Reply, Problem> {
    let (key, arriving) = presented(&call, gone)?;
    let email = call.site.services.accounts.wanted_email(&key, &call.origin).await.map_err(refused)?;
    match arriving {
        true => Ok(onward(&call, &key, PATH)),
        false => {
            let own = context! { key => key.reveal(), email => email.as_str() };
            form_page(&call, "confirm_email.html", &Sheet::new(), own)
        }
    }
}

/// Gives the account its new address.
pub(in crate::pages) async fn submit(call: Call) -> Result<Reply, Problem> {
    let key = in_form(&Form::with_key(&call)?).ok_or_else(gone)?;
    let confirmed = call.site.services.accounts.confirm_email(&key, &call.origin).await;
    confirmed.map_err(refused)?;
    let next = if call.caller.is_some() { "/account" } else { "/sign-in" };
    Ok(leave(&call, &format!("{next}?notice=email_changed"), PATH))
}

fn refused(error: ConfirmEmailError) -> Problem {
    match error {
        ConfirmEmailError::Refused => gone(),
        ConfirmEmailError::EmailTaken => refusal(StatusCode::CONFLICT, say("faults.email_taken")),
        ConfirmEmailError::Internal(fault) => fault.into(),
    }
}

fn gone() -> Problem {
    super::gone("dead_address")
}
