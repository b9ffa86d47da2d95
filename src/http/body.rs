//! Bodies of requests: read to their end, never longer than any operation needs, and never packed.

use std::pin::pin;

use bytes::{BufMut, Bytes, BytesMut};
use futures_util::{Stream, StreamExt};
use warp::{
    Buf,
    http::{HeaderMap, HeaderValue, StatusCode, header},
};

use crate::api::problem::Problem;

/// Largest body that any operation needs, in bytes (DESIGN section 5).
const BODY_LIMIT: usize = 64 * 1024;

/// Reads a body however it is framed.
///
/// # Errors
/// 413 where it is too large, 400 where it breaks off, 415 where it came packed.
pub(super) async fn read<S, B>(headers: &HeaderMap, body: S) -> Result<Bytes, Problem>
where
    S: Stream<Item = Result<B, warp::Error>>,
    B: Buf,
{
    let too_large = || {
        let text = format!("The body is larger than {BODY_LIMIT} bytes.");
        Problem::new(StatusCode::PAYLOAD_TOO_LARGE, text)
    };
    let announced = headers.get(header::CONTENT_LENGTH).and_then(|length| length.to_str().ok()?.parse().ok());
    if announced.is_some_and(|length: u64| length > BODY_LIMIT as u64) {
        return Err(too_large());
    }
    let mut body = pin!(body);
    let mut whole = BytesMut::new();
    while let Some(chunk) = body.next().await {
        let chunk = chunk.map_err(|_| Problem::bad_request("The body broke off."))?;
        if whole.len() + chunk.remaining() > BODY_LIMIT {
            return Err(too_large());
        }
        whole.put(chunk);
    }
    refuse_packed(headers, &whole)?;
    Ok(whole.freeze())
}

/// Refuses a body in another coding than its own, and says that none is taken (RFC 9110 §15.5.16): no contract has any,
/// and unpacking for strangers is work without an end.
///
/// # Errors
/// 415.
fn refuse_packed(headers: &HeaderMap, body: &[u8]) -> Result<(), Problem> {
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
        refuse_packed(&headers, body).err().map(|problem| problem.status.as_u16())
    }

    #[test]
    fn a_coding_is_refused_where_there_is_a_body() {
        for coding in ["gzip", "br", "identity, gzip", "zstd"] {
            assert_eq!((status(coding, b"x"), status(coding, b"")), (Some(415), None), "{coding}");
        }
        for coding in ["", "identity", "Identity, identity"] {
            assert_eq!(status(coding, b"x"), None, "{coding}");
        }
        assert!(refuse_packed(&HeaderMap::new(), b"x").is_ok());
    }
}
