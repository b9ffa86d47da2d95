//! Whoever tried too often: the form again with what was typed, and how long to wait.

use http::{HeaderValue, StatusCode, header};
use minijinja::Value;

use super::{
    sheet::Sheet,
    show::form_page,
    words::{filled, find, say},
};
use crate::{
    api::{call::Call, problem::Problem, reply::Reply},
    service::Fault,
};

/// The form again when it was sent too often (429 and `Retry-After`, DESIGN section 2, throttling). No field is to
/// blame.
///
/// # Errors
/// Any other fault, which has a page of its own.
pub(super) fn held(
    call: &Call,
    template: &str,
    sheet: Sheet,
    own: Value,
    fault: Fault,
) -> Result<Reply, Problem> {
    let Fault::Throttled { seconds } = fault else { return Err(fault.into()) };
    let wait = how_long(seconds.into()).unwrap_or_default();
    let text = format!("{} {wait}", say("problem.429.text"));
    let sheet = sheet.refused(say("problem.429.title"), text.trim_end());
    let page = form_page(call, template, &sheet, own)?;
    let page = page.with_status(StatusCode::TOO_MANY_REQUESTS);
    Ok(page.with(header::RETRY_AFTER, HeaderValue::from(seconds)))
}

/// How long somebody has to wait, as people say it.
pub(super) fn how_long(seconds: u64) -> Option<String> {
    let (key, count) = match seconds {
        ..2 => ("problem.wait_second", seconds),
        2..90 => ("problem.wait_seconds", seconds),
        90.. => ("problem.wait_minutes", seconds.div_ceil(60)),
    };
    Some(filled(find(key)?, &[("count", &count.to_string())]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wait_is_told_in_seconds_or_minutes() {
        assert_eq!(how_long(1).as_deref(), Some("Try again in 1 second."));
        assert_eq!(how_long(10).as_deref(), Some("Try again in 10 seconds."));
        assert_eq!(how_long(91).as_deref(), Some("Try again in 2 minutes."));
    }
}
