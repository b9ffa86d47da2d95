//! Signing in and out.

pub(super) mod forgot;

use http::StatusCode;
use minijinja::{Value, context};

use super::{
    form::Form,
    patience,
    place::ours,
    sheet::Sheet,
    show::{form_page, go},
    words::say,
};
use crate::{
    api::{
        call::Call,
        problem::Problem,
        reply::{Reply, SessionChange},
    },
    service::{SignInError, SignInName},
};

const PAGE: &str = "sign_in.html";

/// The form; whoever is signed in goes on at once.
pub(super) async fn show(call: Call) -> Result<Reply, Problem> {
    let next = call.query("next");
    let next = next.as_deref().and_then(ours);
    match call.caller {
        Some(_) => Ok(go(next.unwrap_or("/account"))),
        None => {
            form_page(&call, PAGE, &Sheet::new(), context! { next, mailbox => call.site.mailbox.is_some() })
        }
    }
}

/// Signs in, and on to the page that was asked for. A session that came with the form ends, as in the API.
pub(super) async fn submit(call: Call) -> Result<Reply, Problem> {
    let form = Form::read(&call)?;
    let (username, password) = (form.text("username"), form.text("password"));
    let mut sheet = Sheet::new().with("username", username);
    for (field, text, wanted) in [
        ("username", username, say("sign_in.username_wanted")),
        ("password", password, say("sign_in.password_wanted")),
    ] {
        if text.is_empty() {
            sheet.fault(field, wanted);
        }
    }
    if !sheet.is_clean() {
        return refused(&call, &form, &sheet, StatusCode::BAD_REQUEST);
    }
    let sessions = &call.site.services.sessions;
    match sessions.sign_in_as(SignInName::Either(name(username)), password, &call.origin).await {
        Ok(signed_in) => {
            if let Some(earlier) = &call.caller {
                sessions.end(earlier, &call.origin).await?;
            }
            let change = SessionChange::Opened { signed_in, with_access_token: false };
            Ok(go(ours(form.text("next")).unwrap_or("/account")).changing(change))
        }
        Err(SignInError::Refused) => {
            let sheet = sheet.refused(say("sign_in.refused_title"), say("sign_in.refused"));
            refused(&call, &form, &sheet, StatusCode::UNAUTHORIZED)
        }
        Err(SignInError::Internal(fault)) => patience::held(&call, PAGE, sheet, own(&call, &form), fault),
    }
}

/// What somebody signs in with. Keyboards of telephones put a space behind an address.
fn name(typed: &str) -> &str {
    let bare = typed.trim();
    if bare.contains('@') { bare } else { typed }
}

fn refused(call: &Call, form: &Form, sheet: &Sheet, status: StatusCode) -> Result<Reply, Problem> {
    Ok(form_page(call, PAGE, sheet, own(call, form))?.with_status(status))
}

/// Where to go on to, as the form says.
fn own(call: &Call, form: &Form) -> Value {
    context! { next => ours(form.text("next")), mailbox => call.site.mailbox.is_some() }
}

/// Signs out: the session ends for good.
pub(super) async fn out(call: Call) -> Result<Reply, Problem> {
    Form::read(&call)?;
    call.site.services.sessions.end(call.caller()?, &call.origin).await?;
    Ok(go("/sign-in?notice=signed_out").changing(SessionChange::Ended))
}
