//! A change of somebody's account. The password is the holder's own affair: a letter gets them a new one.

use http::StatusCode;
use minijinja::{Value, context};

use super::{called, named};
use crate::{
    api::{call::Call, problem::Problem, reply::Reply},
    domain::Account,
    pages::{
        admin::{choices, errand, known, precondition, told::Told, too_strong},
        fields,
        form::Form,
        render::{changed, refusal},
        sheet::Sheet,
        show::{again, form_page, go},
        words::say,
    },
    service::{ChangeError, LeftOut, RoleChoice, Wanted},
};

const PAGE: &str = "user_edit.html";

/// The form.
pub(in crate::pages) async fn show(call: Call) -> Result<Reply, Problem> {
    let account = named(&call).await?;
    form_page(&call, PAGE, &filled(&account), own(&call, &account, &known(account.last_updated)).await?)
}

async fn own(call: &Call, account: &Account, known: &str) -> Result<Value, Problem> {
    let role = account.role.as_ref().map(|role| role.name.as_str());
    let (roles, tenants) = (choices::roles(call, role).await?, choices::tenants(call).await?);
    let (is_own, has_email) = (call.caller()?.account.id == account.id, account.email.is_some());
    let name = called(account);
    Ok(context! { id => account.id.0, name, known, roles, tenants, is_own, has_email })
}

fn filled(account: &Account) -> Sheet {
    let sheet = Sheet::new()
        .with("username", account.username.as_str())
        .with("full_name", account.full_name.clone().unwrap_or_default())
        .with("email", account.email.as_ref().map(ToString::to_string).unwrap_or_default())
        .with("role", account.role.as_ref().map(|role| role.name.clone()).unwrap_or_default())
        .with("tenant", account.tenant.name.as_str());
    fields::with_profile(sheet, &account.profile)
}

/// Stores what was typed.
pub(in crate::pages) async fn submit(call: Call) -> Result<Reply, Problem> {
    let form = Form::read(&call)?;
    let account = named(&call).await?;
    let sheet = Sheet::typed(&form, &["username", "full_name", "email", "role", "tenant"]);
    let mut sheet = fields::with_typed_profile(sheet, &form);
    let wanted = read(&call, &form, &account, &mut sheet).await?;
    if let Some(wanted) = wanted.filter(|_| sheet.is_clean()) {
        let users = &call.site.services.users;
        match users.change(errand(&call)?, account.id, wanted, None, precondition(&form)).await {
            Ok(_) => return Ok(go(&format!("/users/{}?notice=user_saved", account.id.0))),
            Err(error) => told(error).note(&mut sheet)?,
        }
    }
    again(&call, PAGE, &sheet, own(&call, &account, form.text("known")).await?)
}

async fn read(
    call: &Call,
    form: &Form,
    account: &Account,
    sheet: &mut Sheet,
) -> Result<Option<Wanted>, Problem> {
    let username = sheet.check("username", fields::username(form));
    let full_name = sheet.check("full_name", fields::full_name(form));
    // An address is not taken away by leaving the field empty; an account without one may stay so.
    let email = match (&account.email, form.given("email")) {
        (None, None) => Some(None),
        _ => sheet.check("email", fields::email(form)).map(Some),
    };
    let role = sheet.check("role", choices::role(form));
    let tenant = sheet.check("tenant", choices::tenant(call, form, "tenant").await?);
    let profile = fields::read_profile(form, &account.profile, sheet);
    let (Some(username), Some(full_name), Some(email), Some(role), Some(tenant)) =
        (username, full_name, email, role, tenant)
    else {
        return Ok(None);
    };
    let full_name = Some(full_name);
    Ok(Some(Wanted { username, full_name, email, tenant, profile, ..as_it_is(account, role) }))
}

/// The account as it is, but for its role.
pub(super) fn as_it_is(account: &Account, role: RoleChoice) -> Wanted {
    Wanted {
        username: account.username.clone(),
        email: None,
        full_name: None,
        role,
        tenant: account.tenant.id,
        profile: account.profile.clone(),
        ucdn: account.ucdn.clone(),
        new_user: account.new_user,
        left_out: LeftOut { gid: true, uid: true, ucdn: true },
    }
}

/// What is said of a refusal.
pub(super) fn told(error: ChangeError) -> Told {
    match error {
        ChangeError::NoSuchUser => Told::Alone(Problem::not_found("no such account within reach")),
        ChangeError::Modified => Told::Alone(changed()),
        ChangeError::LastAdministrator => {
            Told::Alone(refusal(StatusCode::CONFLICT, say("faults.last_administrator")))
        }
        ChangeError::Internal(fault) => Told::Alone(fault.into()),
        ChangeError::NoSuchRole => Told::Beside("role", say("faults.no_such_role")),
        ChangeError::OwnRole => Told::Beside("role", say("faults.own_role")),
        ChangeError::StrongerRole(lacking) => Told::Beside("role", too_strong(&lacking)),
        ChangeError::TenantOutOfReach => Told::Beside("tenant", say("faults.tenant_out_of_reach")),
        ChangeError::Username(refused) => Told::Beside("username", fields::unusable(refused)),
        ChangeError::UsernameTaken => Told::Beside("username", say("faults.username_taken")),
        ChangeError::EmailTaken => Told::Beside("email", say("faults.email_taken")),
    }
}
