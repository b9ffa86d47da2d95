//! What strangers send to this dialect, as fuzz targets hand it over.

use http::HeaderMap;

use super::{credentials, oauth};

/// Tokens, and names with secrets, of a head.
pub(crate) fn headers(headers: &HeaderMap) {
    if let Ok(Some(token)) = credentials::presented(headers) {
        assert_eq!(token.reveal().len(), 40);
    }
    let _client = oauth::basic(headers);
}
