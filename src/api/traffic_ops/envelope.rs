//! `{"alerts": […], "response": …}`, and the headers that go with it.

use std::{cell::RefCell, sync::LazyLock};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use serde::Serialize;
use sha2::{Digest as _, Sha512};

use super::set_cookie::session_cookies;
use crate::api::{
    json,
    long::Long,
    problem::Problem,
    reply::{Content, Outcome, Reply, SessionChange, Wire, fixed},
};

const DIGEST: HeaderName = HeaderName::from_static("whole-content-sha512");

/// The header set of the seed document's response example, and a place for the digest, so that a copy need not grow
/// for it.
static STANDARD_HEADERS: LazyLock<HeaderMap> = LazyLock::new(|| {
    fixed([
        (header::ACCESS_CONTROL_ALLOW_CREDENTIALS, "true"),
        (header::ACCESS_CONTROL_ALLOW_HEADERS, "Origin, X-Requested-With, Content-Type, Accept"),
        (header::ACCESS_CONTROL_ALLOW_METHODS, "POST,GET,OPTIONS,PUT,DELETE"),
        (header::ACCESS_CONTROL_ALLOW_ORIGIN, "*"),
        (header::CACHE_CONTROL, "no-cache, no-store, max-age=0, must-revalidate"),
        (header::CONTENT_TYPE, "application/json"),
        (header::VARY, "Accept-Encoding"),
        (HeaderName::from_static("permissions-policy"), "interest-cohort=()"),
        (HeaderName::from_static("x-server-name"), "latchkey/"),
        (DIGEST, ""),
    ])
});

#[derive(Serialize)]
struct Alert<'a> {
    text: &'a str,
    level: &'static str,
}

/// Words an outcome.
pub(super) fn render(outcome: Outcome<'_>) -> Wire {
    let Outcome { site, result, renewal, allowed_origin, .. } = outcome;
    let mut headers = STANDARD_HEADERS.clone();
    if let Some(origin) = allowed_origin {
        headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, origin);
        headers.insert(header::VARY, HeaderValue::from_static("Accept-Encoding, Origin"));
    }
    let long = result.as_ref().ok().and_then(Reply::long).map(Long::digest);
    let (status, body, session) = match result {
        Ok(mut reply) => {
            headers.extend(std::mem::take(&mut reply.headers));
            succeeded(reply)
        }
        Err(problem) => {
            problem.replace_headers(&mut headers);
            (problem.status, alert(&problem.text, "error"), SessionChange::None)
        }
    };
    if status == StatusCode::NOT_MODIFIED {
        headers.remove(header::CONTENT_TYPE);
    }
    for cookie in session_cookies(site, session, renewal) {
        headers.append(header::SET_COOKIE, cookie);
    }
    headers.insert(DIGEST, long.map_or_else(|| digest(&body), |digest| encoded(&digest)));
    Wire { status, headers, body: Bytes::from(body) }
}

/// A body longer than this is hardly ever sent twice.
const SHORT: usize = 128;
/// Short bodies that a thread keeps the digests of.
const KEPT: usize = 16;

thread_local! {
    /// Short bodies that were sent, by their lengths, with their digests: most are the same few sentences again.
    static DIGESTS: RefCell<[(Vec<u8>, HeaderValue); KEPT]> =
        RefCell::new(std::array::from_fn(|_| (Vec::new(), encoded(&Sha512::digest([]).into()))));
}

/// SHA-512 of a body, in base64.
fn digest(body: &[u8]) -> HeaderValue {
    if body.len() > SHORT {
        return encoded(&Sha512::digest(body).into());
    }
    DIGESTS.with_borrow_mut(|kept| {
        let (known, digest) = &mut kept[body.len() % KEPT];
        if known.as_slice() != body {
            body.clone_into(known);
            *digest = encoded(&Sha512::digest(body).into());
        }
        digest.clone()
    })
}

fn encoded(digest: &[u8; 64]) -> HeaderValue {
    HeaderValue::try_from(STANDARD.encode(digest)).unwrap_or(HeaderValue::from_static(""))
}

fn succeeded(reply: Reply) -> (StatusCode, Vec<u8>, SessionChange) {
    let level = if reply.warns { "warning" } else { "success" };
    let body = match (reply.content, &reply.note) {
        (Content::Bare(json), _) => ended(json),
        (Content::Page(text), _) => text.into_bytes(),
        (Content::View(json), note) => {
            let mut body = b"{".to_vec();
            if let Some(text) = note {
                body.extend(alerts(text, level));
                body.push(b',');
            }
            body.extend_from_slice(b"\"response\":");
            body.extend(json);
            body.push(b'}');
            ended(body)
        }
        (Content::Nothing, Some(text)) => alert(text, level),
        (Content::Nothing, None) | (Content::Long(_), _) => Vec::new(),
    };
    (reply.status, body, reply.session)
}

fn alert(text: &str, level: &'static str) -> Vec<u8> {
    let mut body = b"{".to_vec();
    body.extend(alerts(text, level));
    body.push(b'}');
    ended(body)
}

fn alerts(text: &str, level: &'static str) -> Vec<u8> {
    let mut member = b"\"alerts\":".to_vec();
    member.extend(json::write(&[Alert { text, level }]).unwrap_or_else(|_: Problem| b"[]".to_vec()));
    member
}

fn ended(mut body: Vec<u8>) -> Vec<u8> {
    body.push(b'\n');
    body
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_digest_is_that_of_the_body_whether_it_was_kept_or_not() {
        for body in ["", "a", "b", "a", &"c".repeat(17), &"d".repeat(33), &"c".repeat(17), &"e".repeat(200)] {
            let expected = STANDARD.encode(Sha512::digest(body.as_bytes()));
            assert_eq!(digest(body.as_bytes()), expected.as_str(), "{body}");
        }
    }
}
