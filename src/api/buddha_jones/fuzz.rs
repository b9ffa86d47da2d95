//! What strangers send to this dialect, as fuzz targets hand it over.

use bytes::Bytes;
use futures_util::FutureExt as _;
use http::HeaderMap;
use url::Url;

use super::{credentials, form, links::AllowedUrls};

/// The token of a head.
pub(crate) fn headers(headers: &HeaderMap) {
    if let Some(token) = credentials::presented(headers) {
        assert_eq!(token.reveal().len(), 27);
    }
}

/// A `multipart/form-data` body. All of it is there, so that nothing has to be waited for.
pub(crate) fn multipart(boundary: &str, body: &[u8]) {
    if let Ok(boundary) = multer::parse_boundary(format!("multipart/form-data; boundary={boundary}")) {
        let read = form::multipart(Bytes::copy_from_slice(body), boundary).now_or_never();
        let form = read.expect("a body that is all there is read at once").unwrap_or_default();
        let _fields = ["email", "url", "token"].map(|name| form.get(name));
    }
}

/// The `url` of a reset. Whatever is allowed leads to a place on the operator's list, with a key behind it too.
pub(crate) fn url(allowed: &AllowedUrls, text: &str) {
    if allowed.allow(text) {
        for key in ["abcdefghijABCDEFGHIJ0123456789", "000000000000000000000000000000"] {
            let url = Url::parse(&format!("{text}{key}")).expect("what is allowed is an address");
            let origin = url.origin().ascii_serialization();
            let places =
                ["http://buddhajones.com", "https://portal.example.com", "https://login.example.com"];
            assert!(places.contains(&origin.as_str()), "{text} leads to {origin}");
            assert!(url.username().is_empty() && url.password().is_none());
            let routed = percent_encoding::percent_decode_str(url.path()).decode_utf8_lossy();
            let operation = *routed == *"/password-reset" || routed.starts_with("/password-reset/");
            assert!(origin != places[2] || !operation, "{text} leads to the operation itself");
            assert!(origin != places[1] || url.path() == "/app" || url.path().starts_with("/app/"), "{text}");
        }
    }
}
