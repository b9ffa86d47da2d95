//! Bodies without an envelope, a strong MD5 `ETag`, and the headers of the seed document.

use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use md5::{Digest as _, Md5};
use serde::Serialize;

use super::request_id;
use crate::api::{
    json,
    problem::Problem,
    reply::{Content, Outcome, Reply, Wire, fixed},
};

/// The code of problems whose sentence is the whole body, not even quoted.
pub(super) const BARE: &str = "bare";

/// The type of an answer that only has a status: without a charset (fact sheet Timeslot §1.3).
const HEAD: &str = "application/json";
/// The type of an answer with JSON.
const JSON: &str = "application/json; charset=utf-8";

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
const RUNTIME: HeaderName = HeaderName::from_static("x-runtime");

/// A success without content: one space, which no JSON parser takes and every client of the contract expects.
pub(super) fn done() -> Reply {
    Reply::page(" ".to_owned())
}

/// Words an outcome.
pub(super) fn render(outcome: Outcome<'_>) -> Wire {
    let Outcome { site, result, request_id, took, .. } = outcome;
    let name = request_id::named(request_id, &*site.entropy);
    let (status, mut headers, body) = match result {
        Ok(reply) => succeeded(reply),
        Err(problem) => refused(problem),
    };
    headers.extend(fixed(STANDARD));
    let runtime = format!("{:.6}", took.as_secs_f64());
    for (header, text) in [(REQUEST_ID, name), (RUNTIME, runtime)] {
        headers.extend(HeaderValue::from_str(&text).ok().map(|value| (header, value)));
    }
    Wire { status, headers, body: Bytes::from(body) }
}

/// What every answer carries.
const STANDARD: [(HeaderName, &str); 3] = [
    (header::X_FRAME_OPTIONS, "SAMEORIGIN"),
    (header::X_XSS_PROTECTION, "1; mode=block"),
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
];

type Parts = (StatusCode, HeaderMap, Vec<u8>);

fn succeeded(Reply { status, content, headers: own, .. }: Reply) -> Parts {
    let (kind, body) = match content {
        Content::View(json) | Content::Bare(json) => (JSON, json),
        Content::Page(text) => (HEAD, text.into_bytes()),
        Content::Nothing | Content::Long(_) => (HEAD, Vec::new()),
    };
    let mut headers = typed(kind);
    if body.is_empty() {
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    } else {
        headers
            .insert(header::CACHE_CONTROL, HeaderValue::from_static("max-age=0, private, must-revalidate"));
        headers.extend(tag(&body).map(|value| (header::ETAG, value)));
    }
    headers.extend(own);
    (status, headers, body)
}

/// Strong, over the exact bytes of the body.
fn tag(body: &[u8]) -> Option<HeaderValue> {
    let digits: String = Md5::digest(body).iter().map(|byte| format!("{byte:02x}")).collect();
    HeaderValue::from_str(&format!("\"{digits}\"")).ok()
}

/// A failure that an operation speaks of.
#[derive(Serialize)]
struct Said<'a> {
    error: &'a str,
}

/// A failure that concerns the request as a whole; the status is a text there.
#[derive(Serialize)]
struct Refused<'a> {
    status: &'a str,
    error: &'a str,
}

fn refused(problem: Problem) -> Parts {
    let mut headers = typed(JSON);
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    problem.replace_headers(&mut headers);
    let Problem { status, text, code, .. } = problem;
    let body = match (code, status) {
        (Some(BARE), _) => Ok(text.into_bytes()),
        (
            _,
            StatusCode::UNAUTHORIZED
            | StatusCode::FORBIDDEN
            | StatusCode::UNPROCESSABLE_ENTITY
            | StatusCode::TOO_MANY_REQUESTS,
        ) => json::write(&Said { error: &text }),
        _ => {
            let error = status.canonical_reason().unwrap_or("Error");
            json::write(&Refused { status: status.as_str(), error })
        }
    };
    (status, headers, body.unwrap_or_default())
}

fn typed(kind: &'static str) -> HeaderMap {
    [(header::CONTENT_TYPE, HeaderValue::from_static(kind))].into_iter().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The last example of the seed document, over a body of its own bytes.
    #[test]
    fn the_seed_s_bodies_have_the_seed_s_tags() {
        let body = r#"{"id":215,"username":"User 214","email":"user58@email.com","authToken":"9tNOulANZ9PVYrHes_rLv-XPhko"}"#;
        assert_eq!(body.len(), 101);
        assert_eq!(tag(body.as_bytes()).unwrap(), "\"c679f9a5b654d57587fffba849d4b08a\"");
        let (status, headers, body) = succeeded(done());
        assert_eq!((status.as_u16(), body.as_slice()), (200, &b" "[..]));
        assert_eq!(headers[header::ETAG], "\"7215ee9c7d9dc229d2921a40e899ec5f\"");
        assert_eq!(headers[header::CONTENT_TYPE], "application/json");
        assert_eq!(headers[header::CACHE_CONTROL], "max-age=0, private, must-revalidate");
    }

    #[test]
    fn each_refusal_has_the_contract_s_form() {
        let said = |problem: Problem| {
            let (status, headers, body) = refused(problem);
            assert!(!headers.contains_key(header::ETAG));
            assert_eq!(headers[header::CACHE_CONTROL], "no-cache");
            assert_eq!(headers[header::CONTENT_TYPE], JSON);
            (status.as_u16(), String::from_utf8(body).unwrap())
        };
        let whole =
            |status: u16, reason: &str| (status, format!(r#"{{"status":"{status}","error":"{reason}"}}"#));
        assert_eq!(said(Problem::internal()), whole(500, "Internal Server Error"));
        assert_eq!(said(Problem::unavailable()), whole(503, "Service Unavailable"));
        assert_eq!(said(Problem::bad_request("{ at line 1")), whole(400, "Bad Request"));
        let too_large = Problem::new(StatusCode::PAYLOAD_TOO_LARGE, "larger than …");
        assert_eq!(said(too_large), whole(413, "Payload Too Large"));
        let throttled = Problem::throttled(7);
        assert_eq!(throttled.headers, [(header::RETRY_AFTER, HeaderValue::from_static("7"))]);
        assert_eq!(said(throttled), (429, r#"{"error":"Too many attempts. Try again later."}"#.to_owned()));
        assert_eq!(said(Problem::forbidden("no")), (403, r#"{"error":"no"}"#.to_owned()));
        assert_eq!(
            said(Problem::unauthorized("Bad credentials").coded(BARE)),
            (401, "Bad credentials".to_owned())
        );
    }
}
