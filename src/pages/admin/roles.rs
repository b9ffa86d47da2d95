//! Roles and what they grant.

pub(in crate::pages) mod edit;

use minijinja::context;

use super::{Part, contains, search};
use crate::{
    api::{call::Call, permissions::CREATE_ROLES, problem::Problem, reply::Reply},
    domain::{DescribedRole, Role, Slice},
    pages::show::{may, page},
    service::{RoleFilter, RoleOrder},
};

/// A page of them.
pub(in crate::pages) async fn list(call: Call) -> Result<Reply, Problem> {
    let (part, search) = (Part::of(&call), search(&call));
    let mut found =
        call.site.services.roles.list(&RoleFilter::default(), &Slice::all_by(RoleOrder::Name)).await?;
    found.retain(|role| contains(&role.role.name, &search) || contains(&role.description, &search));
    let (shown, more) = part.cut(found);
    let roles: Vec<_> = shown.iter().map(line).collect();
    let own = context! { roles, search, part => part.shown(more), may_create => may(call.caller()?, &CREATE_ROLES) };
    page(&call, "roles.html", own)
}

fn line(described: &DescribedRole) -> minijinja::Value {
    context! {
        id => described.role.id.0,
        name => &described.role.name,
        description => &described.description,
        grants => described.role.permissions.len(),
        grants_all => described.role.name == Role::ADMIN,
    }
}
