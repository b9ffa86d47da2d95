//! What strangers and proxies write into a head, as a fuzz target hands it over.

use http::HeaderMap;

use super::forwarded;

/// Whom a request is said to come from.
pub(crate) fn headers(headers: &HeaderMap) {
    let _hops = (forwarded::x_forwarded(headers).count(), forwarded::forwarded(headers).count());
    let _secure = forwarded::x_forwarded_proto(headers);
}
