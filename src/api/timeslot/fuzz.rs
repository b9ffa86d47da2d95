//! What strangers send to this dialect, as fuzz targets hand it over.

use http::HeaderMap;

use super::credentials;

/// The token of a head.
pub(crate) fn headers(headers: &HeaderMap) {
    if let Some(token) = credentials::presented(headers) {
        assert_eq!(token.reveal().len(), 27);
    }
}
