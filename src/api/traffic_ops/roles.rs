//! Roles: by identity, level and capabilities in 3.x, by name and permissions later.

pub(super) mod v3;
pub(super) mod v4;

use serde::Serialize;

use super::conditional;
use crate::{
    api::{call::Call, fields::Fields, problem::Problem, reply::Reply},
    domain::{DescribedRole, Label, Permission, Role, Slice},
    service::{Lacking, RoleError, RoleFilter, RoleOrder},
};

/// A list of roles, each in the shape of the version.
async fn list<V: Serialize>(
    call: &Call,
    filter: &RoleFilter,
    slice: &Slice<RoleOrder>,
    view: impl Fn(DescribedRole) -> V,
) -> Result<Reply, Problem> {
    let roles = &call.site.services.roles;
    // Before the list, so that a change in between makes the list newer than it says, never older.
    let changed_at = roles.changed_at().await?;
    if let Some(unchanged) = conditional::unchanged(call, changed_at) {
        return Ok(unchanged);
    }
    let views: Vec<V> = roles.list(filter, slice).await?.into_iter().map(view).collect();
    Ok(conditional::dated(Reply::view(&views)?, call, changed_at))
}

/// Name and description; what is wrong with them is added to what is `broken` already.
fn labels(fields: &Fields, broken: &mut Vec<String>) -> Result<Option<(Label, Label)>, Problem> {
    let mut label = |field| -> Result<Option<Label>, Problem> {
        let text = fields.text(field)?.value().unwrap_or_default();
        let parsed = Label::parse(&text).map_err(|refused| broken.push(format!("'{field}' {refused}")));
        Ok(parsed.ok())
    };
    let (name, description) = (label("name")?, label("description")?);
    Ok(name.zip(description))
}

/// Permissions under the name that the version has for them; `None` where they were left out.
fn permissions(
    fields: &Fields,
    field: &'static str,
    broken: &mut Vec<String>,
) -> Result<Option<Vec<Permission>>, Problem> {
    let Some(texts) = fields.texts(field)?.value() else { return Ok(None) };
    let parsed: Result<_, _> = texts.iter().map(|text| Permission::parse(text)).collect();
    Ok(parsed.map_err(|refused| broken.push(format!("'{field}': a name {refused}"))).ok())
}

/// What a role grants, as texts.
fn names(role: &Role) -> Vec<String> {
    role.permissions.iter().map(|permission| permission.0.to_string()).collect()
}

/// What every version says; what of it they say apart comes first.
fn worded(error: RoleError, name: &str, missing: &str) -> Problem {
    match error {
        RoleError::NoSuchRole => Problem::not_found(missing),
        RoleError::NameTaken => Problem::bad_request(format!("role name '{name}' already exists.")),
        RoleError::Name(refused) => Problem::bad_request(format!("'name' {refused}")),
        RoleError::Stronger(lacking) => Problem::forbidden(too_strong(&lacking)),
        RoleError::HigherLevel => Problem::bad_request(HIGHER_LEVEL),
        RoleError::Admin | RoleError::Assigned { is_admin: true, .. } => Problem::bad_request(ADMIN),
        RoleError::Disallowed => Problem::bad_request("the 'disallowed' Role cannot be deleted or renamed"),
        RoleError::Assigned { holders, is_admin: false } => assigned(holders),
        RoleError::Modified => conditional::modified(),
        RoleError::Internal(fault) => fault.into(),
    }
}

/// What is said of a role that grants what the caller does not hold, wherever it is made or given.
pub(super) fn too_strong(lacking: &Lacking) -> String {
    format!("cannot request more than assigned permissions, current user needs {lacking} permissions")
}

fn assigned(holders: i64) -> Problem {
    Problem::bad_request(format!("can not delete a role with {holders} assigned users"))
}

const ADMIN: &str = "the 'admin' Role cannot be deleted or modified";
const HIGHER_LEVEL: &str = "can not create a role with a higher priv level than your own";
const CREATED: &str = "role was created.";
const UPDATED: &str = "role was updated.";
const DELETED: &str = "role was deleted.";
