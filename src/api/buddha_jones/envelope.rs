//! `{"status": 1 or 0, "message": …}`, and the headers that let pages of other origins read it.

use bytes::Bytes;
use http::{HeaderMap, HeaderValue, header};
use serde::Serialize;
use serde_json::value::RawValue;

use crate::api::{
    json,
    problem::Problem,
    reply::{Content, Outcome, Reply, Wire, fixed},
};

/// The code of problems with the token, which clients tell by a member of its own.
pub(super) const AUTH_ERROR: &str = "auth_error";

#[derive(Serialize)]
struct Success<'a> {
    status: u8,
    message: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    data: Option<&'a RawValue>,
}

#[derive(Serialize)]
struct Failure<'a> {
    status: u8,
    message: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    auth_error: Option<u8>,
}

/// Nothing is loaded but our own style sheet, nothing is sent but to ourselves, nobody frames us.
const STRICT: &str =
    "default-src 'none'; style-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

/// Words an outcome.
pub(super) fn render(outcome: Outcome<'_>) -> Wire {
    let mut headers = standard_headers();
    let (status, body) = match outcome.result {
        Ok(reply) => {
            headers.extend(reply.headers.clone());
            if matches!(reply.content, Content::Page(_)) {
                headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8"));
                headers.insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(STRICT));
            }
            (reply.status, succeeded(reply))
        }
        Err(problem) => {
            let body = refused(&problem);
            problem.replace_headers(&mut headers);
            (problem.status, body)
        }
    };
    if body.is_empty() {
        headers.remove(header::CONTENT_TYPE);
    }
    Wire { status, headers, body: Bytes::from(body) }
}

/// The three `Allow` headers are the original's (fact sheet Buddha Jones §3.3, C18), the rest keeps tokens to
/// those whom they concern (C7).
fn standard_headers() -> HeaderMap {
    fixed([
        (header::ACCESS_CONTROL_ALLOW_ORIGIN, "*"),
        (header::ACCESS_CONTROL_ALLOW_METHODS, "POST,PUT,DELETE,GET,OPTIONS"),
        (
            header::ACCESS_CONTROL_ALLOW_HEADERS,
            "Origin, X-Requested-With, Content-Type, Accept, Authorization",
        ),
        (header::CONTENT_TYPE, "application/json; charset=utf-8"),
        (header::CACHE_CONTROL, "no-store"),
        (header::REFERRER_POLICY, "no-referrer"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    ])
}

fn succeeded(Reply { content, note, .. }: Reply) -> Vec<u8> {
    let message = note.as_deref().unwrap_or("Request successful");
    match content {
        Content::Page(text) => text.into_bytes(),
        Content::Nothing if note.is_none() => Vec::new(),
        Content::Nothing | Content::Long(_) => written(&Success { status: 1, message, data: None }),
        Content::View(view) | Content::Bare(view) => {
            let data = serde_json::from_slice::<&RawValue>(&view).ok();
            written(&Success { status: 1, message, data })
        }
    }
}

fn refused(problem: &Problem) -> Vec<u8> {
    let auth_error = (problem.code == Some(AUTH_ERROR)).then_some(1);
    written(&Failure { status: 0, message: &problem.text, auth_error })
}

fn written(body: &impl Serialize) -> Vec<u8> {
    json::write(body).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_bodies_have_the_contract_s_lengths() {
        let success = |text: &str| succeeded(Reply::note(text)).len();
        assert_eq!((success("Request successful"), success("Request successful.")), (43, 44));
        let failure = |text: &str| refused(&Problem::bad_request(text)).len();
        assert_eq!(failure("Please provide required data (email (or user name), url)."), 82);
        assert_eq!(failure("User not found."), 40);
        assert_eq!(failure("User does not have email address."), 58);
        assert_eq!(failure("Invalid token"), 38);
    }

    #[test]
    fn each_refusal_has_the_contract_s_form() {
        let said =
            |problem: Problem| (problem.status.as_u16(), String::from_utf8(refused(&problem)).unwrap());
        let form = |text: &str| format!(r#"{{"status":0,"message":"{text}"}}"#);
        assert_eq!(said(Problem::internal()), (500, form("Internal Server Error")));
        assert_eq!(said(Problem::unavailable()), (503, form("Service Unavailable")));
        assert_eq!(said(Problem::throttled(7)), (429, form("Too many attempts. Try again later.")));
        let nobody = Problem::unauthorized("User authentication failed").coded(AUTH_ERROR);
        let text = r#"{"status":0,"message":"User authentication failed","auth_error":1}"#;
        assert_eq!(said(nobody), (401, text.to_owned()));
    }

    #[test]
    fn what_is_shown_stands_behind_the_message() {
        let body =
            succeeded(Reply::view(&serde_json::json!({ "token": "x" })).unwrap().saying("Login successful"));
        assert_eq!(body, br#"{"status":1,"message":"Login successful","data":{"token":"x"}}"#);
    }
}
