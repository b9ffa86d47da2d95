//! Asking for a letter when the password is forgotten.

use minijinja::context;

use crate::{
    api::{call::Call, problem::Problem, reply::Reply},
    domain::EmailAddress,
    pages::{
        form::Form,
        patience::held,
        sheet::Sheet,
        show::{again, form_page, go, page},
        words::say,
    },
    service::{ResetError, UnknownAccount},
};

const PAGE: &str = "forgot.html";

/// The form.
pub(in crate::pages) async fn show(call: Call) -> Result<Reply, Problem> {
    form_page(&call, PAGE, &Sheet::new(), context! {})
}

/// Promises a letter. Whether anybody has the address is not told, whatever other contracts do.
pub(in crate::pages) async fn submit(call: Call) -> Result<Reply, Problem> {
    let form = Form::read(&call)?;
    let typed = form.text("email").trim();
    let Ok(email) = EmailAddress::parse_mailbox(typed) else {
        let sheet = Sheet::new().with("email", typed).faulty("email", say("faults.email"));
        return again(&call, PAGE, &sheet, context! {});
    };
    let recovery = &call.site.services.recovery;
    match recovery.request(&email, UnknownAccount::Uniform, &call.origin).await {
        Ok(()) | Err(ResetError::UnknownAccount) => Ok(go("/forgot-password/sent")),
        Err(ResetError::Internal(fault)) => {
            held(&call, PAGE, Sheet::new().with("email", typed), context! {}, fault)
        }
    }
}

/// Says that a letter is on its way.
pub(in crate::pages) async fn sent(call: Call) -> Result<Reply, Problem> {
    page(&call, "forgot_sent.html", context! { mailbox => call.site.mailbox.is_some() })
}
