//! An account with a password that its holder has to be told some other way. An invitation is better.

use minijinja::{Value, context};

use crate::{
    api::{call::Call, problem::Problem, reply::Reply},
    domain::{EmailAddress, Password, PasswordContext, Profile},
    pages::{
        admin::{choices, errand, told::Told, too_strong},
        fields,
        form::Form,
        new_password::{NewPassword, rule},
        sheet::Sheet,
        show::{again, form_page, go},
        words::say,
    },
    service::{CreateError, LeftOut, Wanted},
};

const PAGE: &str = "user_new.html";

/// The form.
pub(in crate::pages) async fn show(call: Call) -> Result<Reply, Problem> {
    let tenant = &call.caller()?.account.tenant.name;
    form_page(&call, PAGE, &Sheet::new().with("tenant", tenant.as_str()), own(&call).await?)
}

async fn own(call: &Call) -> Result<Value, Problem> {
    Ok(context! { roles => choices::roles(call, None).await?, tenants => choices::tenants(call).await? })
}

/// Makes the account.
pub(in crate::pages) async fn submit(call: Call) -> Result<Reply, Problem> {
    let form = Form::read(&call)?;
    let typed = NewPassword::of(&form);
    let mut sheet = Sheet::typed(&form, &["username", "full_name", "email", "role", "tenant"]);
    if typed.is_to_be_shown() {
        let about = [form.text("username"), form.text("email")];
        return form_page(&call, PAGE, &typed.shown(sheet, &about), own(&call).await?);
    }
    let wanted = read(&call, &form, &mut sheet).await?;
    let password = typed.check(&mut sheet);
    if let (Some(wanted), Some(password)) = (wanted, password)
        && let Some(password) = sheet.check("password", judged(&call, password, &wanted))
    {
        match call.site.services.users.create(errand(&call)?, wanted, password).await {
            Ok(account) => return Ok(go(&format!("/users/{}?notice=user_made", account.id.0))),
            Err(error) => told(error).note(&mut sheet)?,
        }
    }
    again(&call, PAGE, &sheet, own(&call).await?)
}

fn judged(call: &Call, text: &str, wanted: &Wanted) -> Result<Password, String> {
    let about = PasswordContext {
        username: Some(wanted.username.as_str()),
        email: wanted.email.as_ref().map(EmailAddress::as_str),
        full_name: wanted.full_name.as_deref(),
        refused: Some(&call.site.refused_words),
    };
    Password::parse(text, &about).map_err(rule)
}

async fn read(call: &Call, form: &Form, sheet: &mut Sheet) -> Result<Option<Wanted>, Problem> {
    let username = sheet.check("username", fields::username(form));
    let full_name = sheet.check("full_name", fields::full_name(form));
    let email = sheet.check("email", fields::email(form));
    let role = sheet.check("role", choices::role(form));
    let tenant = sheet.check("tenant", choices::tenant(call, form, "tenant").await?);
    let (Some(username), Some(full_name), Some(email), Some(role), Some(tenant)) =
        (username, full_name, email, role, tenant)
    else {
        return Ok(None);
    };
    Ok(Some(Wanted {
        username,
        email: Some(email),
        full_name: Some(full_name),
        role,
        tenant,
        profile: Profile::default(),
        ucdn: String::new(),
        new_user: false,
        left_out: LeftOut::default(),
    }))
}

fn told(error: CreateError) -> Told {
    match error {
        CreateError::Internal(fault) => Told::Alone(fault.into()),
        CreateError::TenantOutOfReach => Told::Beside("tenant", say("faults.tenant_out_of_reach")),
        CreateError::NoSuchRole => Told::Beside("role", say("faults.no_such_role")),
        CreateError::StrongerRole(lacking) => Told::Beside("role", too_strong(&lacking)),
        CreateError::Username(refused) => Told::Beside("username", fields::unusable(refused)),
        CreateError::UsernameTaken => Told::Beside("username", say("faults.username_taken")),
        CreateError::EmailTaken => Told::Beside("email", say("faults.email_taken")),
    }
}
