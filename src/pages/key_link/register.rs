//! The end of a registration, by the key of an invitation.

use minijinja::{Value, context};

use super::{in_form, leave, onward, presented};
use crate::{
    api::{call::Call, problem::Problem, reply::Reply},
    domain::{Account, ResetKey},
    pages::{
        fields::{self, username},
        form::Form,
        new_password::{NewPassword, rule},
        patience::held,
        sheet::Sheet,
        show::{again, form_page},
        words::say,
    },
    service::{AcceptError, Acceptance},
};

const PAGE: &str = "register.html";
const PATH: &str = "/register";

/// Takes the key out of the address, then shows the form with the key in it.
pub(in crate::pages) async fn show(call: Call) -> Result<Reply, Problem> {
    let (key, arriving) = presented(&call, gone)?;
    let invited = call.site.services.recovery.invited(&key, &call.origin).await.map_err(refused)?;
    match arriving {
        true => Ok(onward(&call, &key, PATH)),
        false => form_page(&call, PAGE, &Sheet::new(), own(&key, Some(&invited))),
    }
}

/// Who is invited goes unsaid where it can't be asked.
fn own(key: &ResetKey, invited: Option<&Account>) -> Value {
    let invited = invited.map(|account| {
        let email = account.email.as_ref().map(ToString::to_string);
        context! { email, tenant => &account.tenant.name, role => account.role.as_ref().map(|role| &role.name) }
    });
    context! { key => key.reveal(), invited }
}

/// Finishes the registration, or says what is wrong.
pub(in crate::pages) async fn submit(call: Call) -> Result<Reply, Problem> {
    let form = Form::with_key(&call)?;
    let key = in_form(&form).ok_or_else(gone)?;
    let recovery = &call.site.services.recovery;
    let filled = || {
        Sheet::new().with("username", form.text("username").trim()).with("full_name", form.text("full_name"))
    };
    let invited = match recovery.invited(&key, &call.origin).await {
        Ok(account) => account,
        Err(AcceptError::Internal(fault)) => return held(&call, PAGE, filled(), own(&key, None), fault),
        Err(error) => return Err(refused(error)),
    };
    let own = own(&key, Some(&invited));
    let typed = NewPassword::of(&form);
    if typed.is_to_be_shown() {
        let about = [form.text("username"), form.text("full_name")];
        return form_page(&call, PAGE, &typed.shown(filled(), &about), own);
    }
    let mut sheet = filled();
    let username = sheet.check("username", username(&form));
    let full_name = sheet.check("full_name", fields::full_name(&form));
    let password = typed.check(&mut sheet);
    let (Some(username), Some(full_name), Some(password)) = (username, full_name, password) else {
        return again(&call, PAGE, &sheet, own);
    };
    let choice = Acceptance { username, full_name, password };
    match recovery.accept(&key, choice, &call.origin).await {
        Ok(()) => return Ok(leave(&call, "/sign-in?notice=registered", PATH)),
        Err(AcceptError::Password(broken)) => sheet.fault("password", rule(broken)),
        Err(AcceptError::Username(unfit)) => sheet.fault("username", fields::unusable(unfit)),
        Err(AcceptError::UsernameTaken) => sheet.fault("username", say("faults.username_taken")),
        Err(AcceptError::Internal(fault)) => return held(&call, PAGE, sheet, own, fault),
        Err(error) => return Err(refused(error)),
    }
    again(&call, PAGE, &sheet, own)
}

fn refused(error: AcceptError) -> Problem {
    match error {
        AcceptError::Refused
        | AcceptError::Password(_)
        | AcceptError::Username(_)
        | AcceptError::UsernameTaken => gone(),
        AcceptError::Internal(fault) => fault.into(),
    }
}

fn gone() -> Problem {
    super::gone("dead_invitation")
}
