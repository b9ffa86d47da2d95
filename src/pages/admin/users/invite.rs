//! Inviting somebody: a letter with a link to choose a name and a password.

use minijinja::{Value, context};

use crate::{
    api::{call::Call, problem::Problem, reply::Reply},
    pages::{
        admin::{choices, errand, told::Told, too_strong},
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
    let mut sheet = Sheet::typed(&form, &["email", "role", "tenant"]);
    let email = sheet.check("email", fields::email(&form));
    let role = sheet.check("role", choices::role(&form));
    let tenant = sheet.check("tenant", choices::tenant(&call, &form, "tenant").await?);
    if let (Some(email), Some(role), Some(tenant)) = (email, role, tenant) {
        let invitation = Invitation { email, role, tenant };
        match call.site.services.registration.invite(errand(&call)?, &invitation).await {
            Ok(_) => return Ok(go("/users?state=invited&notice=invited")),
            Err(InviteError::Internal(fault)) => return held(&call, PAGE, sheet, own(&call).await?, fault),
            Err(error) => told(error).note(&mut sheet)?,
        }
    }
    again(&call, PAGE, &sheet, own(&call).await?)
}

/// What is said of a refusal.
pub(super) fn told(error: InviteError) -> Told {
    match error {
        InviteError::Internal(fault) => Told::Alone(fault.into()),
        InviteError::TenantOutOfReach => Told::Beside("tenant", say("faults.tenant_out_of_reach")),
        InviteError::NoSuchRole => Told::Beside("role", say("faults.no_such_role")),
        InviteError::StrongerRole(lacking) => Told::Beside("role", too_strong(&lacking)),
        InviteError::Registered => Told::Beside("email", say("faults.registered")),
    }
}
