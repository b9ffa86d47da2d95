//! Bodies that came packed are refused: no contract takes them, and unpacking for strangers is work without an end.

use warp::http::{HeaderMap, HeaderValue, StatusCode, header};

use crate::api::problem::Problem;

/// Refuses a body in another coding than its own, and says that there is none (RFC 9110 §15.5.16).
///
/// # Errors
/// 415.
pub(super) fn refuse(headers: &HeaderMap, body: &[u8]) -> Result<(), Problem> {
    match body.is_empty() || headers.get_all(header::CONTENT_ENCODING).iter().all(is_plain) {
        true => Ok(()),
        false => Err(Problem::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "The body must not be compressed.")
            .with(header::ACCEPT_ENCODING, HeaderValue::from_static("identity"))),
    }
}

/// `identity` stands for no coding (RFC 9110 §8.4.1); some programs send it, or nothing.
fn is_plain(value: &HeaderValue) -> bool {
    let mut codings = value.as_bytes().split(|byte| *byte == b',').map(<[u8]>::trim_ascii);
    codings.all(|coding| coding.is_empty() || coding.eq_ignore_ascii_case(b"identity"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn status(coding: &'static str, body: &[u8]) -> Option<u16> {
        let headers = [(header::CONTENT_ENCODING, HeaderValue::from_static(coding))].into_iter().collect();
        refuse(&headers, body).err().map(|problem| problem.status.as_u16())
    }

    #[test]
    fn a_coding_is_refused_where_there_is_a_body() {
        for coding in ["gzip", "br", "identity, gzip", "zstd"] {
            assert_eq!((status(coding, b"x"), status(coding, b"")), (Some(415), None), "{coding}");
        }
        for coding in ["", "identity", "Identity, identity"] {
            assert_eq!(status(coding, b"x"), None, "{coding}");
        }
        assert!(refuse(&HeaderMap::new(), b"x").is_ok());
    }
}
