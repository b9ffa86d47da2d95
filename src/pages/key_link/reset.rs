//! A new password by the key of a reset letter.

use minijinja::{Value, context};

use super::{in_form, leave, onward, presented};
use crate::{
    api::{call::Call, problem::Problem, reply::Reply},
    domain::ResetKey,
    pages::{
        form::Form,
        new_password::{NewPassword, rule},
        patience::held,
        render::DEAD_RESET,
        sheet::Sheet,
        show::{again, form_page, page},
    },
    service::KeyError,
};

const PAGE: &str = "reset.html";
const PATH: &str = "/reset-password";

/// Takes the key out of the address, then shows the form with the key in it.
pub(in crate::pages) async fn show(call: Call) -> Result<Reply, Problem> {
    let (key, arriving) = presented(&call, gone)?;
    let username = call.site.services.recovery.whose(&key, &call.origin).await.map_err(refused)?;
    match arriving {
        true => Ok(onward(&call, &key, PATH)),
        false => form_page(&call, PAGE, &Sheet::new(), own(&key, Some(&username))),
    }
}

/// The user name goes along for password managers, and goes unsaid where it can't be asked.
fn own(key: &ResetKey, username: Option<&str>) -> Value {
    context! { key => key.reveal(), username }
}

/// Sets the password, or says why not.
pub(in crate::pages) async fn submit(call: Call) -> Result<Reply, Problem> {
    let form = Form::with_key(&call)?;
    let key = in_form(&form).ok_or_else(gone)?;
    let typed = NewPassword::of(&form);
    let recovery = &call.site.services.recovery;
    let username = match recovery.whose(&key, &call.origin).await {
        Ok(username) => username,
        Err(KeyError::Internal(fault)) => return held(&call, PAGE, Sheet::new(), own(&key, None), fault),
        Err(error) => return Err(refused(error)),
    };
    let own = own(&key, Some(&username));
    if typed.is_to_be_shown() {
        return form_page(&call, PAGE, &typed.shown(Sheet::new(), &[&username]), own);
    }
    let mut sheet = Sheet::new();
    let Some(password) = typed.check(&mut sheet) else { return again(&call, PAGE, &sheet, own) };
    match recovery.redeem(&key, password, &call.origin).await {
        Ok(()) => Ok(leave(&call, "/reset-password/done", PATH)),
        Err(KeyError::Password(broken)) => again(&call, PAGE, &sheet.faulty("password", rule(broken)), own),
        Err(KeyError::Internal(fault)) => held(&call, PAGE, sheet, own, fault),
        Err(error) => Err(refused(error)),
    }
}

/// Says that it is done.
pub(in crate::pages) async fn done(call: Call) -> Result<Reply, Problem> {
    page(&call, "done.html", context! {})
}

fn refused(error: KeyError) -> Problem {
    match error {
        KeyError::Refused | KeyError::Password(_) => gone(),
        KeyError::Internal(fault) => fault.into(),
    }
}

fn gone() -> Problem {
    super::gone(DEAD_RESET)
}
