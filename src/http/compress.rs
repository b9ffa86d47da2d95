//! gzip, by the contract's rule: at any size, for whoever names it without a weight (fact sheet §4.3).

use std::cell::RefCell;

use bytes::Bytes;
use flate2::{Compress, Compression, FlushCompress};
use futures_util::stream;
use warp::{
    Reply as _,
    http::{HeaderMap, HeaderValue, header},
    reply::Response,
};

use super::filters::sent;
use crate::api::{long::Long, reply::Wire};

/// A window of 32 KiB, the largest that gzip has.
const WINDOW_BITS: u8 = 15;

thread_local! {
    /// A fresh encoder costs 300 KB and 100 µs, so each thread keeps one (DESIGN section 7).
    static ENCODER: RefCell<Compress> = RefCell::new(Compress::new_gzip(Compression::new(4), WINDOW_BITS));
}

/// Compresses the body if the client asked for it.
pub(super) fn compressed(mut wire: Wire, asked: bool) -> Wire {
    if !asked || wire.body.is_empty() || !varies(&wire.headers) {
        return wire;
    }
    if let Some(body) = gzip(&wire.body) {
        wire.body = body;
        wire.headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static("gzip"));
    }
    wire
}

/// Sends a body that is packed already: as it is to whoever asked for gzip, unpacked piece by piece to others.
pub(super) fn unpacked(mut wire: Wire, long: &Long, asked: bool) -> Response {
    if asked {
        wire.headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static("gzip"));
        return sent(Wire { body: long.packed(), ..wire });
    }
    let mut response = warp::reply::stream(stream::iter(long.pieces())).into_response();
    *response.status_mut() = wire.status;
    *response.headers_mut() = wire.headers;
    response.headers_mut().insert(header::CONTENT_LENGTH, HeaderValue::from(long.length()));
    response
}

/// Whether the answer says that it depends on `Accept-Encoding`: what does not say so must not (RFC 9110 §12.5.5).
fn varies(answer: &HeaderMap) -> bool {
    let lines = answer.get_all(header::VARY).iter().filter_map(|value| value.to_str().ok());
    lines
        .flat_map(|line| line.split(','))
        .any(|element| element.trim().eq_ignore_ascii_case("accept-encoding"))
}

/// Whether a client asks for gzip.
pub(super) fn takes_gzip(request: &HeaderMap) -> bool {
    let lines = request.get_all(header::ACCEPT_ENCODING).iter().filter_map(|value| value.to_str().ok());
    lines.flat_map(|line| line.split(',')).any(|element| element.trim().eq_ignore_ascii_case("gzip"))
}

fn gzip(body: &[u8]) -> Option<Bytes> {
    ENCODER.with_borrow_mut(|encoder| {
        encoder.reset();
        let mut out = Vec::with_capacity(body.len() / 2 + 128);
        loop {
            let taken = usize::try_from(encoder.total_in()).ok()?;
            match encoder.compress_vec(&body[taken..], &mut out, FlushCompress::Finish).ok()? {
                flate2::Status::StreamEnd => return Some(Bytes::from(out)),
                flate2::Status::Ok | flate2::Status::BufError => out.reserve(body.len() / 2 + 128),
            }
        }
    })
}
