//! One account: what is stored about it, where it is signed in, what can be done for it.

use minijinja::context;

use super::{line, named};
use crate::{
    api::{
        call::Call,
        permissions::{CREATE_USERS, DELETE_USERS, UPDATE_USERS},
        problem::Problem,
        reply::Reply,
    },
    pages::{
        admin::{actor, refused},
        device, moment,
        show::{may, page},
    },
};

/// Shows it.
pub(in crate::pages) async fn show(call: Call) -> Result<Reply, Problem> {
    let account = named(&call).await?;
    let now = call.site.clock.now();
    let open = call.site.services.users.sessions(actor(&call)?, account.id).await.map_err(refused)?;
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
        may_update => may(caller, &UPDATE_USERS),
        may_delete => may(caller, &DELETE_USERS),
        may_create => may(caller, &CREATE_USERS),
    };
    page(&call, "user.html", own)
}
