//! One's own name and contact details.

use minijinja::context;

use crate::{
    api::{call::Call, problem::Problem, reply::Reply},
    domain::Account,
    pages::{
        admin::{known, precondition},
        fields,
        form::Form,
        render::changed,
        sheet::Sheet,
        show::{again, form_page, go},
    },
    service::{OwnUpdate, RoleChoice, UpdateError},
};

const PAGE: &str = "profile.html";

/// The form.
pub(in crate::pages) async fn show(call: Call) -> Result<Reply, Problem> {
    let account = &call.caller()?.account;
    form_page(&call, PAGE, &filled(account), context! { known => known(account.last_updated) })
}

fn filled(account: &Account) -> Sheet {
    let sheet = Sheet::new().with("full_name", account.full_name.clone().unwrap_or_default());
    fields::with_profile(sheet, &account.profile)
}

/// Stores what was typed; everything else of the account stays.
pub(in crate::pages) async fn submit(call: Call) -> Result<Reply, Problem> {
    let form = Form::read(&call)?;
    let caller = call.caller()?;
    let own = &caller.account;
    let mut sheet = fields::with_typed_profile(Sheet::typed(&form, &["full_name"]), &form);
    let profile = fields::read_profile(&form, &own.profile, &mut sheet);
    let full_name = sheet.check("full_name", fields::full_name(&form));
    let (Some(full_name), true, Some(role)) = (full_name, sheet.is_clean(), &own.role) else {
        return again(&call, PAGE, &sheet, context! { known => form.text("known") });
    };
    let update = OwnUpdate {
        username: own.username.clone(),
        email: own.email.clone(),
        full_name: Some(full_name),
        role: RoleChoice::Id(role.id),
        tenant: own.tenant.id,
        profile,
        password: None,
    };
    let accounts = &call.site.services.accounts;
    let updated = accounts.update_own(precondition(&form), caller, update, &call.origin);
    updated.await.map_err(refused)?;
    Ok(go("/account?notice=profile_saved"))
}

/// Name, address, role and tenant stay as they are, so nothing can be wrong with them but what changed meanwhile.
fn refused(error: UpdateError) -> Problem {
    match error {
        UpdateError::Internal(fault) => fault.into(),
        UpdateError::StrongerRole(_)
        | UpdateError::NoSuchRole
        | UpdateError::OwnRole
        | UpdateError::NoSuchTenant
        | UpdateError::Modified
        | UpdateError::Username(_)
        | UpdateError::UsernameTaken
        | UpdateError::EmailTaken => changed(),
    }
}
