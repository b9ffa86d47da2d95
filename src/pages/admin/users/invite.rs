//! Inviting somebody: a letter with a link to choose a name and a password.

use minijinja::{Value, context};

use crate::{
    api::{call::Call, problem::Problem, reply::Reply},
    pages::{
        admin::{choices, errand, too_strong},
        fields,
        form::Form,
        patience::held,
        sheet::Sheet,
        show::{again, form_page, go},
        words::say,
    },
    service::{Invitation, InviteError},
};

const PAGE: &str = "user_invite.html";

/// The form.
pub(in crate::pages) async fn show(call: Call) -> Result<Reply, Problem> {
    let tenant = &call.caller()?.account.tenant.name;
    form_page(&call, PAGE, &Sheet::new().with("tenant", tenant.as_str()), own(&call).await?)
}

async fn own(call: &Call) -> Result<Value, Problem> {
    Ok(context! { roles => choices::roles(call, None).await?, tenants => choices::tenants(call).await? })
}

/// Promises the letter.
pub(in crate::pages) async fn submit(call: Call) -> Result<Reply, Problem> {
    let form = Form::read(&call)?;
    let mut sheet = ["email", "role", "tenant"]
        .into_iter()
        .fold(Sheet::new(), |sheet, name| sheet.with(name, form.text(name)));
    let email = sheet.check("email", fields::email(&form));
    let role = sheet.check("role", choices::role(&form));
    let tenant = sheet.check("tenant", choices::tenant(&call, &form, "tenant").await?);
    if let (Some(email), Some(role), Some(tenant)) = (email, role, tenant) {
        let invitation = Invitation { email, role, tenant };
        match call.site.services.registration.invite(errand(&call)?, &invitation).await {
            Ok(_) => return Ok(go("/users?state=invited&notice=invited")),
            Err(InviteError::Internal(fault)) => return held(&call, PAGE, sheet, own(&call).await?, fault),
            Err(error) => match told(error) {
                Ok(problem) => return Err(problem),
                Err((field, text)) => sheet.fault(field, text),
            },
        }
    }
    again(&call, PAGE, &sheet, own(&call).await?)
}

/// What is said of a refusal: beside a field, or on a page of its own.
pub(super) fn told(error: InviteError) -> Result<Problem, (&'static str, String)> {
    Err(match error {
        InviteError::Internal(fault) => return Ok(fault.into()),
        InviteError::TenantOutOfReach => ("tenant", say("faults.tenant_out_of_reach")),
        InviteError::NoSuchRole => ("role", say("faults.no_such_role")),
        InviteError::StrongerRole(lacking) => ("role", too_strong(&lacking)),
        InviteError::Registered => ("email", say("faults.registered")),
    })
}
