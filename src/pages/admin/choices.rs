//! Roles and tenants to choose from, and what was chosen.

use minijinja::{Value, context};

use super::actor;
use crate::{
    api::{
        call::Call,
        permissions::{READ_ROLES, READ_TENANTS},
        problem::Problem,
    },
    domain::{Role, Slice, TenantId},
    pages::{form::Form, show::may, words::say},
    service::{RoleChoice, RoleFilter, RoleOrder, TenantFilter, TenantOrder},
};

/// So many can be chosen from a list; of more the name is typed.
const LISTED: usize = 100;

/// The roles that the caller may give, and one more that an account has; `None` if there are too many, or the caller
/// may not see them.
pub(super) async fn roles(call: &Call, present: Option<&str>) -> Result<Option<Vec<Value>>, Problem> {
    let caller = call.caller()?;
    if !may(caller, &READ_ROLES) {
        return Ok(None);
    }
    let all = call.site.services.roles.list(&RoleFilter::default(), &Slice::all_by(RoleOrder::Name)).await?;
    let actor = actor(call)?;
    let offered = |role: &Role| actor.may_give(role) || present == Some(role.name.as_str());
    let names: Vec<_> = all.iter().map(|described| &described.role).filter(|role| offered(role)).collect();
    Ok((names.len() <= LISTED).then(|| names.iter().map(|role| option(&role.name, &role.name)).collect()))
}

/// The tenants that the caller may act in; `None` as with [`roles`].
pub(super) async fn tenants(call: &Call) -> Result<Option<Vec<Value>>, Problem> {
    if !may(call.caller()?, &READ_TENANTS) {
        return Ok(None);
    }
    let slice = Slice { limit: Some(LISTED as i64 + 1), ..Slice::all_by(TenantOrder::Name) };
    let found = call.site.services.tenants.list(actor(call)?, &TenantFilter::default(), &slice).await?;
    let options = || found.iter().map(|node| option(&node.tenant.name, &node.tenant.name)).collect();
    Ok((found.len() <= LISTED).then(options))
}

fn option(value: &str, label: &str) -> Value {
    context! { value, label }
}

/// The role that was chosen.
pub(super) fn role(form: &Form) -> Result<RoleChoice, String> {
    let name = form.given("role").ok_or_else(|| say("faults.role_wanted"))?;
    Ok(RoleChoice::Name(name.to_owned()))
}

/// The tenant that was chosen or typed in a field, if the caller can see it.
pub(super) async fn tenant(
    call: &Call,
    form: &Form,
    field: &str,
) -> Result<Result<TenantId, String>, Problem> {
    let Some(name) = form.given(field) else { return Ok(Err(say("faults.tenant_wanted"))) };
    let filter = TenantFilter { name: Some(name.to_owned()), ..TenantFilter::default() };
    let slice = Slice::all_by(TenantOrder::Name);
    let found = call.site.services.tenants.list(actor(call)?, &filter, &slice).await?;
    Ok(found.first().map(|node| node.tenant.id).ok_or_else(|| say("faults.no_such_tenant")))
}
