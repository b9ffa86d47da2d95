//! Asking for a new e-mail address of one's own account, by whoever knows the password.

use minijinja::{Value, context};

use crate::{
    api::{call::Call, problem::Problem, reply::Reply},
    pages::{
        fields,
        form::Form,
        patience::held,
        sheet::Sheet,
        show::{again, form_page, go},
        words::say,
    },
    service::Caller,
};

const PAGE: &str = "change_email.html";

/// The form.
pub(in crate::pages) async fn show(call: Call) -> Result<Reply, Problem> {
    let caller = call.caller()?;
    form_page(&call, PAGE, &Sheet::new(), own(caller))
}

fn own(caller: &Caller) -> Value {
    context! {
        username => caller.account.username.as_str(),
        present => caller.account.email.as_ref().map(ToString::to_string),
    }
}

/// Promises a letter to the new address. Nothing changes until its link is followed.
pub(in crate::pages) async fn submit(call: Call) -> Result<Reply, Problem> {
    let form = Form::read(&call)?;
    let caller = call.caller()?;
    let mut sheet = Sheet::new().with("email", form.text("email").trim());
    let email = sheet.check("email", fields::email(&form));
    if email.is_some() && email == caller.account.email {
        sheet.fault("email", say("faults.email_is_present"));
    }
    let accounts = &call.site.services.accounts;
    match accounts.knows_password(caller, form.text("current_password"), &call.origin).await {
        Ok(true) => {}
        Ok(false) => sheet.fault("current_password", say("faults.current_password")),
        Err(fault) => return held(&call, PAGE, sheet, own(caller), fault),
    }
    let (Some(email), true) = (email, sheet.is_clean()) else {
        return again(&call, PAGE, &sheet, own(caller));
    };
    match accounts.ask_for_email(caller, &email, &call.origin).await {
        Ok(()) => Ok(go("/account?notice=email_asked")),
        Err(fault) => held(&call, PAGE, sheet, own(caller), fault),
    }
}
