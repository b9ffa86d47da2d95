//! `{"status": …, "success" or "error": …}`, OAuth's own errors, and the headers that go with them.

use bytes::Bytes;
use http::{HeaderMap, StatusCode, header};
use serde::Serialize;

use crate::api::{
    json,
    problem::Problem,
    reply::{Content, Outcome, Reply, Wire, fixed},
};

/// A success, under the name that the contract has for it.
#[derive(Serialize)]
struct Success {
    status: &'static str,
    success: &'static str,
}

/// A failure as the contract has it: the name where it has one, else the status as a number.
#[derive(Serialize)]
struct Failure<'a, S> {
    status: S,
    error: &'a str,
}

/// No token, or a dead one.
#[derive(Serialize)]
struct Unauthorized<'a> {
    status: u16,
    error: &'static str,
    error_message: &'a str,
}

/// A failure of `/oauth` (RFC 6749 §5.2).
#[derive(Serialize)]
struct OauthFailure<'a> {
    error: &'static str,
    error_description: &'a str,
}

/// A success that only says something.
pub(super) fn success(status: &'static str, success: &'static str) -> Result<Reply, Problem> {
    Reply::bare(&Success { status, success })
}

/// Words an outcome.
pub(super) fn render(outcome: Outcome<'_>) -> Wire {
    let mut headers = standard_headers();
    let (status, body) = match outcome.result {
        Ok(Reply { status, content, headers: own, .. }) => {
            headers.extend(own);
            (status, escaped(&shown(content)))
        }
        Err(problem) => {
            let body = escaped(&refused(&problem).unwrap_or_default());
            problem.replace_headers(&mut headers);
            (problem.status, body)
        }
    };
    if body.is_empty() {
        headers.remove(header::CONTENT_TYPE);
    }
    Wire { status, headers, body: Bytes::from(body) }
}

fn standard_headers() -> HeaderMap {
    fixed([
        (header::CONTENT_TYPE, "application/json"),
        (header::CACHE_CONTROL, "no-cache"),
        (header::VARY, "Accept-Encoding"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    ])
}

fn shown(content: Content) -> Vec<u8> {
    match content {
        Content::View(json) | Content::Bare(json) => json,
        Content::Page(text) => text.into_bytes(),
        Content::Nothing | Content::Long(_) => Vec::new(),
    }
}

fn refused(problem: &Problem) -> Result<Vec<u8>, Problem> {
    let (status, error) = (problem.status.as_u16(), problem.text.as_str());
    match problem.code {
        Some(status) if status.starts_with("wrong_") => json::write(&Failure { status, error }),
        Some(code) => json::write(&OauthFailure { error: code, error_description: error }),
        None if problem.status == StatusCode::UNAUTHORIZED => {
            json::write(&Unauthorized { status, error: "unauthorized", error_message: error })
        }
        None => json::write(&Failure { status, error }),
    }
}

/// JSON in the spelling of the original: `/` as `\/`, and nothing but ASCII (fact sheet Teen Quotes §2.4).
///
/// In JSON both occur in texts only.
fn escaped(json: &[u8]) -> Vec<u8> {
    let mut out = String::with_capacity(json.len() + 16);
    for character in String::from_utf8_lossy(json).chars() {
        match character {
            '/' => out.push_str("\\/"),
            ascii if ascii.is_ascii() => out.push(ascii),
            other => {
                let mut units = [0; 2];
                other
                    .encode_utf16(&mut units)
                    .iter()
                    .for_each(|unit| out.push_str(&format!("\\u{unit:04x}")));
            }
        }
    }
    out.into_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_refusal_has_its_envelope_whoever_makes_it() {
        for status in [404, 405, 408, 413, 429, 500, 503] {
            let problem = Problem::new(StatusCode::from_u16(status).unwrap(), "words");
            let expected = format!(r#"{{"status":{status},"error":"words"}}"#);
            assert_eq!(refused(&problem).unwrap(), expected.into_bytes());
        }
    }

    #[test]
    fn slashes_and_whatever_is_not_ascii_are_escaped() {
        let written = escaped(r#"{"a":"/v1 é \" \\ 😀 doesn't"}"#.as_bytes());
        let expected = r#"{"a":"\/v1 \u00e9 \" \\ \ud83d\ude00 doesn't"}"#;
        assert_eq!(String::from_utf8(written).unwrap(), expected);
        let value = |json: &[u8]| serde_json::from_slice::<String>(json).unwrap();
        assert_eq!(value(&escaped("\"/é😀\"".as_bytes())), "/é😀");
    }
}
