//! What is done to an account with one button.

use http::StatusCode;

use super::{edit, invite, named};
use crate::{
    api::{call::Call, problem::Problem, reply::Reply},
    domain::{AccountId, Precondition, Role},
    pages::{
        admin::{errand, number, refused},
        form::Form,
        render::refusal,
        show::go,
        words::say,
    },
    service::{Invitation, RoleChoice},
};

/// Promises the holder a letter with which to set a new password.
pub(in crate::pages) async fn send_reset(call: Call) -> Result<Reply, Problem> {
    Form::read(&call)?;
    let AccountId(id) = id(&call)?;
    call.site.services.users.send_reset(errand(&call)?, AccountId(id)).await.map_err(refused)?;
    Ok(go(&format!("/users/{id}?notice=reset_sent")))
}

/// Ends every session and token of the account.
pub(in crate::pages) async fn end_sessions(call: Call) -> Result<Reply, Problem> {
    Form::read(&call)?;
    let AccountId(id) = id(&call)?;
    call.site.services.users.end_sessions(errand(&call)?, AccountId(id)).await.map_err(refused)?;
    Ok(go(&format!("/users/{id}?notice=sessions_ended")))
}

/// Takes away the right to sign in: the account gets the role whose holders can't.
pub(in crate::pages) async fn disable(call: Call) -> Result<Reply, Problem> {
    Form::read(&call)?;
    let account = named(&call).await?;
    let role = RoleChoice::Name(Role::DISALLOWED.to_owned());
    let wanted = edit::as_it_is(&account, role);
    let changed =
        call.site.services.users.change(errand(&call)?, account.id, wanted, None, Precondition::default());
    changed.await.map_err(|error| edit::told(error).alone())?;
    Ok(go(&format!("/users/{}?notice=user_disabled", account.id.0)))
}

/// Invites the holder once more; the earlier letter is void.
pub(in crate::pages) async fn invite_again(call: Call) -> Result<Reply, Problem> {
    Form::read(&call)?;
    let account = named(&call).await?;
    let (Some(email), Some(role)) = (account.email, account.role) else {
        return Err(refusal(StatusCode::CONFLICT, say("faults.no_address")));
    };
    let invitation = Invitation { email, role: RoleChoice::Name(role.name), tenant: account.tenant.id };
    let invited = call.site.services.registration.invite(errand(&call)?, &invitation).await;
    invited.map_err(|error| invite::told(error).alone())?;
    Ok(go(&format!("/users/{}?notice=invited", account.id.0)))
}

fn id(call: &Call) -> Result<AccountId, Problem> {
    number(call).map(AccountId)
}
