//! One account: what is stored about it, where it is signed in, what can be done for it.

use minijinja::context;

use super::{super::actor, line, named};
use crate::{
    api::{call::Call, problem::Problem, reply::Reply},
    pages::{
        device, moment,
        show::{may, page},
    },
    service::HelpError,
};

/// Shows it.
pub(in crate::pages) async fn show(call: Call) -> Result<Reply, Problem> {
    let account = named(&call).await?;
    let now = call.site.clock.now();
    let open = call.site.services.users.sessions(actor(&call)?, account.id).await;
    let open = open.map_err(|error| match error {
        HelpError::NoSuchUser | HelpError::StrongerRole(_) | HelpError::NoAddress => {
            Problem::not_found("no such account within reach")
        }
        HelpError::Internal(fault) => fault.into(),
    })?;
    let sessions = open.iter().map(|session| {
        context! {
            device => device::named(session.user_agent.as_deref()),
            address => &session.address,
            seen => moment::shown(session.last_seen_at, now),
        }
    });
    let caller = call.caller()?;
    let own = context! {
        account => line(&account, now),
        changed => moment::shown(account.last_updated, now),
        sessions => sessions.take(10).collect::<Vec<_>>(),
        count => open.len(),
        is_own => account.id == caller.account.id,
        may_update => may(caller, "USER:UPDATE"),
        may_delete => may(caller, "USER:DELETE"),
        may_create => may(caller, "USER:CREATE"),
    };
    page(&call, "user.html", own)
}
