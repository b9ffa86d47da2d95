//! The caller's own account.

use http::StatusCode;

use super::{
    conditional,
    forms::{self, misread},
    roles::too_strong,
    users::unusable_name,
    views::{OwnView, UserV4, Write3},
};
use crate::{
    api::{call::Call, problem::Problem, reply::Reply},
    domain::{Account, TenantId},
    service::{Fault, OwnUpdate, UpdateError},
};

/// Shows the caller in the shape of the version asked for.
pub(super) async fn show<V: OwnView>(call: Call) -> Result<Reply, Problem> {
    let caller = call.caller()?;
    let view = V::of(caller, &call.site.services.accounts).await?;
    Ok(conditional::tagged(Reply::view(&view)?, caller.account.last_updated))
}

const UPDATED: &str = "User profile was successfully updated";

/// Replaces the caller's account (4.0 and later).
pub(super) async fn replace(call: Call) -> Result<Reply, Problem> {
    let fields = call.fields().map_err(misread)?;
    let update = forms::replacement(&fields, &call.caller()?.account, &call.site.refused_words)?;
    let (username, email, tenant) = (update.username.clone(), update.email.clone(), update.tenant);
    let updated = store(&call, update).await;
    let account = updated.map_err(|error| match error {
        UpdateError::Username(refused) => unusable_name(refused),
        UpdateError::UsernameTaken => Problem::bad_request(format!("username {username} already exists")),
        UpdateError::NoSuchTenant => no_such_tenant(tenant),
        UpdateError::NoSuchRole => Problem::not_found("no such role"),
        UpdateError::StrongerRole(lacking) => Problem::forbidden(too_strong(&lacking)),
        other => worded(other, email.as_ref().map(ToString::to_string)),
    })?;
    let reply = Reply::view(&UserV4::written(&account))?.saying(UPDATED);
    Ok(conditional::tagged(reply, account.last_updated))
}

/// Patches the caller's account (3.x).
pub(super) async fn patch(call: Call) -> Result<Reply, Problem> {
    let fields = call.fields().map_err(misread)?;
    let update = forms::patch(&fields, &call.caller()?.account, &call.site.refused_words)?;
    let (username, email) = (update.username.clone(), update.email.clone());
    let role = update.role.clone();
    let updated = store(&call, update).await;
    let account = updated.map_err(|error| match error {
        UpdateError::Username(refused) => {
            Problem::bad_request(format!("couldn't parse request: username: {refused}"))
        }
        UpdateError::UsernameTaken => {
            Problem::new(StatusCode::CONFLICT, format!("username {username} already exists"))
        }
        UpdateError::NoSuchTenant => Problem::not_found("no such tenant"),
        UpdateError::NoSuchRole => Problem::not_found(format!("role: no such role: {role}")),
        UpdateError::StrongerRole(_) => {
            Problem::forbidden("role: cannot have greater permissions than user's current role")
        }
        other => worded(other, email.as_ref().map(ToString::to_string)),
    })?;
    let reply = Reply::view(&Write3::of(&account))?.saying(UPDATED);
    Ok(conditional::tagged(reply, account.last_updated))
}

async fn store(call: &Call, update: OwnUpdate) -> Result<Account, UpdateError> {
    let caller = call.caller.as_deref().ok_or(UpdateError::Internal(Fault::Broken))?;
    let (accounts, condition) = (&call.site.services.accounts, conditional::precondition(call));
    accounts.update_own(condition, caller, update, &call.origin).await
}

/// The refusals that both families word alike.
fn worded(error: UpdateError, email: Option<String>) -> Problem {
    match error {
        UpdateError::EmailTaken => {
            Problem::bad_request(format!("tm_user email '{}' already exists.", email.unwrap_or_default()))
        }
        UpdateError::Modified => conditional::modified(),
        UpdateError::OwnRole => Problem::bad_request("users cannot update their own role"),
        UpdateError::Internal(fault) => fault.into(),
        UpdateError::StrongerRole(_)
        | UpdateError::NoSuchRole
        | UpdateError::NoSuchTenant
        | UpdateError::Username(_)
        | UpdateError::UsernameTaken => Problem::internal(),
    }
}

fn no_such_tenant(tenant: TenantId) -> Problem {
    Problem::not_found(format!("no such tenant: #{}", tenant.0))
}
