//! Puts an outcome on a page, with its headers: the pages' envelope.

use bytes::Bytes;
use http::{HeaderMap, HeaderName, StatusCode, header};
use minijinja::context;

use super::{
    form,
    patience::how_long,
    show,
    words::{find, say},
};
use crate::{
    api::{
        problem::Problem,
        reply::{Content, Outcome, Reply, SessionChange, Wire, fixed},
        site::Site,
        traffic_ops::session_cookies,
    },
    service::Caller,
};

pub(super) const CSP: HeaderName = header::CONTENT_SECURITY_POLICY;

/// Nothing is loaded but our own style sheet and pictures, nothing is sent but to ourselves, nobody frames us.
const STRICT: &str = "default-src 'none'; style-src 'self'; img-src 'self'; frame-src 'self'; \
    form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

/// Puts an outcome on a page.
pub(super) fn render(outcome: Outcome<'_>) -> Wire {
    let Outcome { site, result, caller, renewal, .. } = outcome;
    let mut headers = standard_headers();
    let (status, body, session) = match result {
        Ok(Reply { status, content, headers: own, session, .. }) => {
            headers.extend(own);
            (status, text(content), session)
        }
        Err(problem) => {
            let page = page(site, &problem, caller);
            problem.replace_headers(&mut headers);
            (problem.status, page, SessionChange::None)
        }
    };
    for cookie in session_cookies(site, session, renewal) {
        headers.append(header::SET_COOKIE, cookie);
    }
    Wire { status, headers, body }
}

fn text(content: Content) -> Bytes {
    match content {
        Content::Page(text) => text.into(),
        Content::View(bytes) | Content::Bare(bytes) => bytes.into(),
        Content::Nothing | Content::Long(_) => Bytes::new(),
    }
}

/// `Referrer-Policy` is `same-origin`, not `no-referrer`: with that browsers send `Origin: null` with our own forms,
/// and where the site is reached without TLS nothing else would tell them from another site's. Answers to links
/// that hold a key say `no-referrer` themselves.
fn standard_headers() -> HeaderMap {
    fixed([
        (CSP, STRICT),
        (header::CONTENT_TYPE, "text/html; charset=utf-8"),
        (header::CACHE_CONTROL, "no-store"),
        (header::REFERRER_POLICY, "same-origin"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::X_FRAME_OPTIONS, "DENY"),
        (header::VARY, "Accept-Encoding"),
        (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
        (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
    ])
}

/// The code of problems whose sentence was written for people already.
pub(super) const TOLD: &str = "told";

/// The code of a reset link that is not good any more: another letter is what helps.
pub(super) const DEAD_RESET: &str = "dead_reset";

/// A problem on a page. Its words go by what it is, never by what an API would say.
fn page(site: &Site, problem: &Problem, caller: Option<&Caller>) -> Bytes {
    let status = problem.status.as_u16();
    let known = |key: Option<&str>, part: &str| find(&format!("problem.{}.{part}", key?));
    let number = status.to_string();
    let worded = |part: &str| known(problem.code, part).or_else(|| known(Some(&number), part));
    let title = worded("title").map_or_else(|| say("problem.other.title"), str::to_owned);
    let text = match problem.code {
        Some(TOLD) => problem.text.clone(),
        _ => worded("text").map_or_else(|| say("problem.other.text"), str::to_owned),
    };
    let ask_again = problem.code == Some(DEAD_RESET);
    let try_again =
        [StatusCode::TOO_MANY_REQUESTS, StatusCode::SERVICE_UNAVAILABLE].contains(&problem.status);
    let (me, token) = (caller.map(show::me), form::token(site, caller, None));
    let page =
        context! { title, text, wait => wait(problem), ask_again, try_again, me, token, section => "" };
    show::bare(site, "problem.html", page).unwrap_or_else(|_| say("problem.500.text")).into()
}

/// How long to wait, where that is known.
fn wait(problem: &Problem) -> Option<String> {
    let (_, seconds) = problem.headers.iter().find(|(name, _)| name == header::RETRY_AFTER)?;
    how_long(seconds.to_str().ok()?.parse().ok()?)
}

/// 409: somebody else changed it since the form was shown.
pub(super) fn changed() -> Problem {
    Problem::new(StatusCode::CONFLICT, "it was changed meanwhile").coded("changed")
}

/// A refusal whose words were put together by the page.
pub(super) fn refusal(status: StatusCode, text: impl Into<String>) -> Problem {
    Problem::new(status, text).coded(TOLD)
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    #[test]
    fn every_refusal_has_words_for_people_and_says_how_long_to_wait() {
        for status in [303, 400, 403, 404, 405, 409, 410, 413, 429, 500, 503] {
            for part in ["title", "text"] {
                assert!(find(&format!("problem.{status}.{part}")).is_some(), "{status}");
            }
        }
        let held =
            |seconds| Problem::new(StatusCode::TOO_MANY_REQUESTS, "").with(header::RETRY_AFTER, seconds);
        let wait = |seconds| wait(&held(HeaderValue::from_static(seconds)));
        assert_eq!(wait("1").as_deref(), Some("Try again in 1 second."));
        assert_eq!(wait("10").as_deref(), Some("Try again in 10 seconds."));
        assert_eq!(wait("100").as_deref(), Some("Try again in 2 minutes."));
        assert_eq!(wait("Sat, 21 Nov 2026 21:00:00 GMT"), None);
    }
}
