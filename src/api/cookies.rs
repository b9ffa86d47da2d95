//! The cookies of a request.

use http::{HeaderMap, header};

/// Names and values, in the order in which they came; lines that are no text are passed over (RFC 6265 §5.4).
pub fn cookies(headers: &HeaderMap) -> impl Iterator<Item = (&str, &str)> {
    let lines = headers.get_all(header::COOKIE).iter().filter_map(|line| line.to_str().ok());
    lines.flat_map(|line| line.split(';').filter_map(|pair| pair.trim().split_once('=')))
}
