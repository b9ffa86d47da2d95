//! One's own sessions: with what, from where, since when; and their end.

use http::StatusCode;
use minijinja::{Value, context};
use time::OffsetDateTime;

use crate::{
    api::{
        call::Call,
        problem::Problem,
        reply::{Reply, SessionChange},
    },
    domain::SessionId,
    pages::{
        device,
        form::Form,
        moment,
        show::{go, page},
    },
    service::{OpenSession, Proof},
};

/// So many are told one by one.
const LISTED: usize = 25;

/// All of them.
pub(in crate::pages) async fn list(call: Call) -> Result<Reply, Problem> {
    let caller = call.caller()?;
    let now = call.site.clock.now();
    let open = call.site.services.sessions.own(caller).await?;
    // The newest, and always the one that asks: a program may have opened thousands.
    let listed = open
        .iter()
        .enumerate()
        .filter(|(place, session)| *place < LISTED || caller.proof == Proof::Session(session.id));
    let sessions: Vec<_> = listed.map(|(_, session)| shown(session, caller.proof, now)).collect();
    let hidden = open.len() - sessions.len();
    page(&call, "sessions.html", context! { sessions, hidden })
}

fn shown(session: &OpenSession, proof: Proof, now: OffsetDateTime) -> Value {
    context! {
        id => session.id.0,
        is_this => proof == Proof::Session(session.id),
        device => device::named(session.user_agent.as_deref()),
        program => &session.user_agent,
        address => &session.address,
        opened => moment::shown(session.opened_at, now),
        seen => moment::shown(session.last_seen_at, now),
    }
}

/// Ends one. Ending one's own is signing out.
pub(in crate::pages) async fn end_one(call: Call) -> Result<Reply, Problem> {
    let form = Form::read(&call)?;
    let caller = call.caller()?;
    let session = form.text("session").parse().map(SessionId);
    let session = session.map_err(|_| Problem::new(StatusCode::BAD_REQUEST, "no session"))?;
    call.site.services.sessions.end_own(caller, session, &call.origin).await?;
    match caller.proof == Proof::Session(session) {
        true => Ok(go("/sign-in?notice=signed_out").changing(SessionChange::Ended)),
        false => Ok(go("/account/sessions?notice=session_ended")),
    }
}

/// Ends all but this one.
pub(in crate::pages) async fn end_others(call: Call) -> Result<Reply, Problem> {
    Form::read(&call)?;
    call.site.services.sessions.end_others(call.caller()?, &call.origin).await?;
    Ok(go("/account/sessions?notice=others_ended"))
}
