//! A new password for one's own account, by whoever knows the present one.

use minijinja::context;

use crate::{
    api::{call::Call, problem::Problem, reply::Reply},
    domain::{EmailAddress, PasswordRules},
    pages::{
        form::Form,
        new_password::{NewPassword, rule},
        patience::held,
        sheet::Sheet,
        show::{again, form_page, go},
        words::say,
    },
    service::{Caller, OwnPasswordError},
};

const PAGE: &str = "change_password.html";

/// The form.
pub(in crate::pages) async fn show(call: Call) -> Result<Reply, Problem> {
    let caller = call.caller()?;
    form_page(&call, PAGE, &Sheet::new(), own(caller))
}

/// The user name goes along for password managers.
fn own(caller: &Caller) -> minijinja::Value {
    context! { username => caller.account.username.as_str() }
}

/// Sets the password. This session goes on; all others end.
pub(in crate::pages) async fn submit(call: Call) -> Result<Reply, Problem> {
    let form = Form::read(&call)?;
    let caller = call.caller()?;
    let typed = NewPassword::of(&form);
    let current = form.text("current_password");
    if typed.is_to_be_shown() {
        let email = caller.account.email.as_ref().map_or("", EmailAddress::as_str);
        let sheet = typed.shown(Sheet::new(), &[caller.account.username.as_str(), email]);
        return form_page(&call, PAGE, &sheet.with("current_password", current), own(caller));
    }
    let mut sheet = Sheet::new();
    let accounts = &call.site.services.accounts;
    match accounts.knows_password(caller, current, &call.origin).await {
        Ok(true) => {}
        Ok(false) => sheet.fault("current_password", say("faults.current_password")),
        Err(fault) => return held(&call, PAGE, Sheet::new(), own(caller), fault),
    }
    let password = typed.check(&mut sheet);
    let (Some(password), true) = (password, sheet.is_clean()) else {
        return again(&call, PAGE, &sheet, own(caller));
    };
    let rules = PasswordRules::STRICT;
    match accounts.set_own_password(caller, password, &rules, &call.origin).await {
        Ok(()) => Ok(go("/account?notice=password_changed")),
        Err(OwnPasswordError::Refused(broken)) => {
            again(&call, PAGE, &sheet.faulty("password", rule(broken)), own(caller))
        }
        Err(OwnPasswordError::SignedOut) => Ok(go("/sign-in")),
        Err(OwnPasswordError::Internal(fault)) => Err(fault.into()),
    }
}
