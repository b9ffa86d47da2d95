//! The outbox: letters that wait, were sent or failed, and why.

use http::StatusCode;
use minijinja::{Value, context};
use time::OffsetDateTime;

use super::{LINES, actor, number};
use crate::{
    api::{call::Call, permissions::UPDATE_LETTERS, problem::Problem, reply::Reply},
    pages::{
        form::Form,
        moment,
        render::refusal,
        show::{go, may, page},
        words::{find, say},
    },
    service::{Entry, LettersError, Retry, Shelf},
};

const SHELVES: [(&str, Shelf); 4] =
    [("all", Shelf::All), ("waiting", Shelf::Waiting), ("failed", Shelf::Failed), ("sent", Shelf::Sent)];

/// A part of one shelf, newest first.
pub(in crate::pages) async fn list(call: Call) -> Result<Reply, Problem> {
    let wanted = call.query("state").unwrap_or_default();
    let (name, shelf) = SHELVES.into_iter().find(|(name, _)| *name == wanted).unwrap_or(SHELVES[0]);
    let before = call.query("before").and_then(|text| text.parse().ok());
    let letters = &call.site.services.letters;
    let found = letters.list(actor(&call)?, shelf, before, LINES as i64 + 1).await.map_err(refused)?;
    let figures = letters.figures(actor(&call)?).await.map_err(refused)?;
    let now = call.site.clock.now();
    let older = (found.len() > LINES).then(|| found[LINES - 1].id);
    let own = context! {
        letters => found.iter().take(LINES).map(|entry| line(entry, now)).collect::<Vec<_>>(),
        shelf => name,
        shelves => SHELVES.map(|(name, _)| name).to_vec(),
        older,
        waiting => figures.waiting,
        oldest => figures.oldest.map(|oldest| moment::shown(now - oldest, now)),
        may_update => may(call.caller()?, &UPDATE_LETTERS),
    };
    page(&call, "outbox.html", own)
}

fn line(entry: &Entry, now: OffsetDateTime) -> Value {
    let state =
        if entry.leased_until.is_some_and(|until| until > now) { "in_delivery" } else { entry.state(now) };
    let kind = find(&format!("outbox.kinds.{}", entry.kind)).unwrap_or(&entry.kind);
    context! {
        id => entry.id,
        kind,
        recipient => Some(entry.recipient.as_str()).filter(|text| !text.is_empty()),
        state,
        promised => moment::shown(entry.promised_at, now),
        attempts => entry.attempts,
        failure => &entry.last_failure,
        may_retry => entry.sent_at.is_none() && entry.expires_at > now,
    }
}

/// Has one sent now.
pub(in crate::pages) async fn retry(call: Call) -> Result<Reply, Problem> {
    Form::read(&call)?;
    match call.site.services.letters.retry(actor(&call)?, number(&call)?).await.map_err(refused)? {
        Retry::Due => Ok(go("/outbox?notice=letter_due")),
        Retry::Sent => Ok(go("/outbox?notice=letter_sent")),
        Retry::Over => Err(refusal(StatusCode::CONFLICT, say("faults.letter_over"))),
        Retry::Unknown => Err(Problem::not_found("no such letter")),
    }
}

fn refused(error: LettersError) -> Problem {
    match error {
        LettersError::OutOfReach => refusal(StatusCode::FORBIDDEN, say("faults.letters_out_of_reach")),
        LettersError::Internal(fault) => fault.into(),
    }
}

#[cfg(test)]
mod tests {
    use super::find;
    use crate::domain::LetterKind;

    #[test]
    fn every_kind_of_letter_has_words() {
        for kind in LetterKind::ALL {
            assert!(find(&format!("outbox.kinds.{}", kind.as_str())).is_some(), "{kind:?}");
        }
    }
}
