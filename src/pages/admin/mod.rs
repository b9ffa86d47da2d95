//! Administration: the same services as the API's, for those whose role grants it, within their tenants.

pub(super) mod choices;
pub(super) mod letters;
pub(super) mod roles;
pub(super) mod tenants;
mod told;
pub(super) mod users;

use http::StatusCode;
use minijinja::{Value, context};
use time::{OffsetDateTime, format_description::well_known::Rfc3339};

use super::{
    form::Form,
    render::refusal,
    words::{filled, say},
};
use crate::{
    api::{call::Call, problem::Problem},
    domain::Precondition,
    service::{Actor, Errand, HelpError, Lacking, LogWords},
};

/// On whose authority a page is shown.
pub(super) fn actor(call: &Call) -> Result<Actor<'_>, Problem> {
    Ok(Actor::Account(&call.caller()?.account))
}

/// On whose authority a form is taken.
fn errand(call: &Call) -> Result<Errand<'_>, Problem> {
    call.errand(LogWords::Plain)
}

/// The number in the page's address.
fn number(call: &Call) -> Result<i64, Problem> {
    let number = call.param("id").and_then(|text| text.parse().ok());
    number.ok_or_else(|| Problem::not_found("the address names nothing"))
}

/// What is said of a role that grants more than the caller holds.
fn too_strong(lacking: &Lacking) -> String {
    filled(&say("faults.role_too_strong"), &[("permissions", &lacking.to_string())])
}

/// Why somebody can't be shown or helped.
pub(super) fn refused(error: HelpError) -> Problem {
    match error {
        HelpError::NoSuchUser => Problem::not_found("no such account within reach"),
        HelpError::StrongerRole(lacking) => refusal(StatusCode::FORBIDDEN, too_strong(&lacking)),
        HelpError::NoAddress => refusal(StatusCode::CONFLICT, say("faults.no_address")),
        HelpError::Internal(fault) => fault.into(),
    }
}

/// Tells a form which state it was filled from, so that nobody's change is written over unseen.
pub(super) fn known(last_updated: OffsetDateTime) -> String {
    last_updated.format(&Rfc3339).unwrap_or_default()
}

/// What the form knew.
pub(super) fn precondition(form: &Form) -> Precondition {
    Precondition(OffsetDateTime::parse(form.text("known"), &Rfc3339).ok())
}

/// A part of a long list.
struct Part {
    /// From 0.
    page: usize,
}

/// Lines on one page of a list: as many as fit well below 30 KB.
pub(super) const LINES: usize = 25;

impl Part {
    fn of(call: &Call) -> Self {
        let page = call.query("page").and_then(|text| text.parse::<usize>().ok()).unwrap_or(1);
        Self { page: page.clamp(1, 100_000) - 1 }
    }

    fn offset(&self) -> usize {
        self.page * LINES
    }

    /// For templates; `more` says whether anything follows.
    fn shown(&self, more: bool) -> Value {
        let (number, earlier) = (self.page + 1, self.page);
        context! { number, earlier => (earlier > 0).then_some(earlier), later => more.then_some(number + 1) }
    }

    /// Cuts it out of a whole list.
    fn cut<T>(&self, whole: Vec<T>) -> (Vec<T>, bool) {
        let more = whole.len() > self.offset() + LINES;
        (whole.into_iter().skip(self.offset()).take(LINES).collect(), more)
    }
}

/// What was typed into the search field.
fn search(call: &Call) -> String {
    call.query("search").map(|text| text.trim().replace('\0', "\u{fffd}")).unwrap_or_default()
}

/// Whether a text has the other one in it, without case.
fn contains(text: &str, part: &str) -> bool {
    text.to_lowercase().contains(&part.to_lowercase())
}
