//! `{"alerts": […], "response": …}`, and the headers that go with it.

use std::sync::LazyLock;

use base64::{Engine as _, engine::general_purpose::STANDARD};
use bytes::Bytes;
use cookie::{Cookie, SameSite, time::OffsetDateTime as CookieTime};
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use serde::Serialize;
use sha2::{Digest as _, Sha512};
use time::OffsetDateTime;

use super::{
    cookie as session_cookie,
    credentials::{ACCESS_TOKEN, SESSION},
};
use crate::api::{
    json,
    long::Long,
    problem::Problem,
    reply::{Content, Outcome, Renewal, Reply, SessionChange, Wire},
    site::Site,
};

const DIGEST: HeaderName = HeaderName::from_static("whole-content-sha512");

/// The header set of the seed document's response example.
static STANDARD_HEADERS: LazyLock<HeaderMap> = LazyLock::new(|| {
    let headers = [
        (header::ACCESS_CONTROL_ALLOW_CREDENTIALS, "true"),
        (header::ACCESS_CONTROL_ALLOW_HEADERS, "Origin, X-Requested-With, Content-Type, Accept"),
        (header::ACCESS_CONTROL_ALLOW_METHODS, "POST,GET,OPTIONS,PUT,DELETE"),
        (header::ACCESS_CONTROL_ALLOW_ORIGIN, "*"),
        (header::CACHE_CONTROL, "no-cache, no-store, max-age=0, must-revalidate"),
        (header::CONTENT_TYPE, "application/json"),
        (header::VARY, "Accept-Encoding"),
        (HeaderName::from_static("permissions-policy"), "interest-cohort=()"),
        (HeaderName::from_static("x-server-name"), "latchkey/"),
    ];
    headers.into_iter().map(|(name, value)| (name, HeaderValue::from_static(value))).collect()
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
        Ok(reply) => {
            headers.extend(reply.headers.clone());
            succeeded(reply)
        }
        Err(problem) => {
            headers.extend(problem.headers.iter().cloned());
            (problem.status, alert(&problem.text, "error"), SessionChange::None)
        }
    };
    if status == StatusCode::NOT_MODIFIED {
        headers.remove(header::CONTENT_TYPE);
    }
    for cookie in session_cookies(site, session, renewal) {
        headers.append(header::SET_COOKIE, cookie);
    }
    let digest = STANDARD.encode(long.unwrap_or_else(|| Sha512::digest(&body).into()));
    headers.insert(DIGEST, HeaderValue::from_str(&digest).unwrap_or(HeaderValue::from_static("")));
    Wire { status, headers, body: Bytes::from(body) }
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

/// Set-Cookie lines in the contract's order: the session first, the access token last (fact sheet §4.4).
pub(crate) fn session_cookies(
    site: &Site,
    session: SessionChange,
    renewal: Option<Renewal>,
) -> Vec<HeaderValue> {
    match (session, renewal) {
        (SessionChange::Opened { signed_in, with_access_token }, _) => {
            let until = signed_in.good_until;
            let sealed = session_cookie::seal(&site.secrets, &signed_in.username, &signed_in.token, until);
            let access = with_access_token.then(|| session_cookie::wrap(&site.secrets, &sealed, until));
            let access = access.map(|token| set(site, ACCESS_TOKEN, token, until));
            [Some(set(site, SESSION, sealed, until)), access].into_iter().flatten().flatten().collect()
        }
        (SessionChange::Ended, _) => {
            [SESSION, ACCESS_TOKEN].into_iter().filter_map(|name| remove(site, name)).collect()
        }
        (SessionChange::None, Some(Renewal { token, in_access_token, username, good_until })) => {
            let sealed = session_cookie::seal(&site.secrets, &username, &token, good_until);
            let access = in_access_token
                .then(|| session_cookie::wrap(&site.secrets, &sealed, good_until))
                .and_then(|token| set(site, ACCESS_TOKEN, token, good_until));
            [set(site, SESSION, sealed, good_until), access].into_iter().flatten().collect()
        }
        (SessionChange::None, None) => Vec::new(),
    }
}

fn set(site: &Site, name: &'static str, value: String, until: OffsetDateTime) -> Option<HeaderValue> {
    let mut cookie = Cookie::new(name, value);
    cookie.set_expires(until);
    let seconds = (until - site.clock.now()).as_seconds_f64().round();
    cookie.set_max_age(time::Duration::seconds_f64(seconds));
    line(site, cookie)
}

fn remove(site: &Site, name: &'static str) -> Option<HeaderValue> {
    let mut cookie = Cookie::new(name, "");
    cookie.set_expires(CookieTime::UNIX_EPOCH);
    cookie.set_max_age(time::Duration::ZERO);
    line(site, cookie)
}

fn line(site: &Site, mut cookie: Cookie<'_>) -> Option<HeaderValue> {
    cookie.set_path("/");
    cookie.set_http_only(true);
    cookie.set_same_site(SameSite::Lax);
    if site.secure_cookies() {
        cookie.set_secure(true);
    }
    HeaderValue::from_str(&cookie.to_string()).ok()
}
