//! The end of somebody's account, asked about first.

use http::StatusCode;
use minijinja::context;

use super::{called, named};
use crate::{
    api::{call::Call, problem::Problem, reply::Reply},
    pages::{
        admin::{errand, too_strong},
        form::Form,
        render::refusal,
        show::{go, page},
        words::{filled, say},
    },
    service::RemoveError,
};

/// Asks.
pub(in crate::pages) async fn ask(call: Call) -> Result<Reply, Problem> {
    let account = named(&call).await?;
    page(&call, "user_remove.html", context! { id => account.id.0, name => called(&account) })
}

/// Removes it.
pub(in crate::pages) async fn submit(call: Call) -> Result<Reply, Problem> {
    Form::read(&call)?;
    let account = named(&call).await?;
    call.site.services.users.remove(errand(&call)?, account.id).await.map_err(refused)?;
    Ok(go("/users?notice=user_removed"))
}

fn refused(error: RemoveError) -> Problem {
    let conflict = |text: String| refusal(StatusCode::CONFLICT, text);
    match error {
        RemoveError::NoSuchUser | RemoveError::TenantOutOfReach => {
            Problem::not_found("no such account within reach")
        }
        RemoveError::Oneself => conflict(say("faults.oneself")),
        RemoveError::StrongerRole(lacking) => refusal(StatusCode::FORBIDDEN, too_strong(&lacking)),
        RemoveError::LastAdministrator => conflict(say("faults.last_administrator")),
        RemoveError::InUse(table) => conflict(filled(&say("faults.in_use"), &[("table", &table)])),
        RemoveError::Internal(fault) => fault.into(),
    }
}
