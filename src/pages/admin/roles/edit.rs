//! One role: made, changed, removed.

use http::StatusCode;
use minijinja::{Value, context};

use crate::{
    api::{
        call::Call,
        permissions::{ASKED_FOR, CREATE_ROLES, DELETE_ROLES, UPDATE_ROLES},
        problem::Problem,
        reply::Reply,
    },
    domain::{DescribedRole, Label, Permission, Role, Slice},
    pages::{
        admin::{errand, known, number, precondition, told::Told, too_strong},
        form::Form,
        render::{changed, refusal},
        sheet::Sheet,
        show::{again, form_page, go, may},
        words::{filled, say},
    },
    service::{RoleChoice, RoleDraft, RoleError, RoleFilter, RoleOrder},
};

const PAGE: &str = "role.html";

/// The form for a new one.
pub(in crate::pages) async fn show_new(call: Call) -> Result<Reply, Problem> {
    form_page(&call, PAGE, &Sheet::new(), own(&call, None, &[], "")?)
}

/// One that is there.
pub(in crate::pages) async fn show(call: Call) -> Result<Reply, Problem> {
    let described = named(&call).await?;
    let granted: Vec<_> = described.role.permissions.iter().map(|permission| permission.0.as_ref()).collect();
    // What operations ask for has a box to tick. Others are typed: operators may invent some.
    let others: Vec<_> = granted.iter().copied().filter(|name| !ASKED_FOR.contains(name)).collect();
    let sheet = Sheet::new()
        .with("name", described.role.name.as_str())
        .with("description", described.description.as_str())
        .with("others", others.join("\n"));
    form_page(
        &call,
        PAGE,
        &sheet,
        own(&call, Some(&described.role), &granted, &known(described.last_updated))?,
    )
}

async fn named(call: &Call) -> Result<DescribedRole, Problem> {
    let filter = RoleFilter { id: Some(number(call)?), ..RoleFilter::default() };
    let mut found = call.site.services.roles.list(&filter, &Slice::all_by(RoleOrder::Id)).await?;
    found.pop().ok_or_else(|| Problem::not_found("no such role"))
}

fn own(call: &Call, role: Option<&Role>, granted: &[&str], known: &str) -> Result<Value, Problem> {
    let caller = call.caller()?;
    let boxes = ASKED_FOR.map(|name| context! { name, ticked => granted.contains(&name) });
    let needed = if role.is_some() { &UPDATE_ROLES } else { &CREATE_ROLES };
    let fixed = role.is_some_and(|role| role.name == Role::ADMIN);
    Ok(context! {
        id => role.map(|role| role.id.0),
        name => role.map(|role| &role.name),
        known,
        boxes => boxes.to_vec(),
        fixed,
        may_save => !fixed && may(caller, needed),
        may_remove => !fixed && role.is_some() && may(caller, &DELETE_ROLES),
    })
}

/// Makes a role.
pub(in crate::pages) async fn create(call: Call) -> Result<Reply, Problem> {
    let form = Form::read(&call)?;
    let mut sheet = Sheet::typed(&form, &["name", "description", "others"]);
    if let Some(draft) = read(&form, &mut sheet) {
        match call.site.services.roles.create(errand(&call)?, draft).await {
            Ok(_) => return Ok(go("/roles?notice=role_saved")),
            Err(error) => told(error).note(&mut sheet)?,
        }
    }
    again(&call, PAGE, &sheet, own(&call, None, &ticked(&form), "")?)
}

/// Changes it. Its holders feel it at their next request.
pub(in crate::pages) async fn update(call: Call) -> Result<Reply, Problem> {
    let form = Form::read(&call)?;
    let role = named(&call).await?.role;
    let mut sheet = Sheet::typed(&form, &["name", "description", "others"]);
    if let Some(draft) = read(&form, &mut sheet) {
        let (roles, choice) = (&call.site.services.roles, RoleChoice::Id(role.id));
        match roles.update(errand(&call)?, &choice, draft, precondition(&form)).await {
            Ok(_) => return Ok(go("/roles?notice=role_saved")),
            Err(error) => told(error).note(&mut sheet)?,
        }
    }
    again(&call, PAGE, &sheet, own(&call, Some(&role), &ticked(&form), form.text("known"))?)
}

/// Removes it, if nobody has it.
pub(in crate::pages) async fn remove(call: Call) -> Result<Reply, Problem> {
    Form::read(&call)?;
    let role = named(&call).await?.role;
    let removed = call.site.services.roles.remove(errand(&call)?, &RoleChoice::Id(role.id)).await;
    match removed {
        Ok(()) => Ok(go("/roles?notice=role_removed")),
        Err(error) => Err(told(error).alone()),
    }
}

fn ticked(form: &Form) -> Vec<&str> {
    form.all("permission").collect()
}

fn read(form: &Form, sheet: &mut Sheet) -> Option<RoleDraft> {
    let label = |name: &str, wanted: String| Label::parse(form.text(name).trim()).map_err(|_| wanted);
    let name = sheet.check("name", label("name", say("faults.role_name_wanted")));
    let description = sheet.check("description", label("description", say("faults.description_wanted")));
    let others = form.text("others").split_whitespace();
    let permissions: Result<Vec<_>, _> =
        form.all("permission").chain(others).map(Permission::parse).collect();
    let permissions = sheet.check("others", permissions.map_err(|_| say("faults.control")));
    Some(RoleDraft {
        name: name?,
        description: description?,
        permissions: Some(permissions?),
        priv_level: None,
    })
}

fn told(error: RoleError) -> Told {
    match error {
        RoleError::Internal(fault) => Told::Alone(fault.into()),
        RoleError::NoSuchRole => Told::Alone(Problem::not_found("no such role")),
        RoleError::Modified => Told::Alone(changed()),
        RoleError::Admin => Told::Alone(refusal(StatusCode::CONFLICT, say("faults.role_admin"))),
        RoleError::NameTaken => Told::Beside("name", say("faults.role_name_taken")),
        RoleError::Name(_) => Told::Beside("name", say("faults.role_name_lookalike")),
        RoleError::Disallowed => Told::Beside("name", say("faults.role_disallowed")),
        RoleError::Stronger(lacking) => Told::Beside("others", too_strong(&lacking)),
        RoleError::HigherLevel => Told::Beside("others", say("faults.role_level")),
        RoleError::Assigned { holders, .. } => {
            Told::Beside("name", filled(&say("faults.role_assigned"), &[("count", &holders.to_string())]))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        api::{route::Access, traffic_ops},
        pages,
    };

    #[test]
    fn the_form_offers_every_permission_that_an_operation_asks_for() {
        let routes = [&traffic_ops::DIALECT, &pages::DIALECT].into_iter().flat_map(|dialect| dialect.routes);
        for route in routes {
            let Access::Holding(asked) = route.access else { continue };
            let missing: Vec<_> = asked.iter().filter(|name| !ASKED_FOR.contains(name)).collect();
            assert!(missing.is_empty(), "{} asks for {missing:?}", route.operation);
        }
    }
}
