//! What strangers send to this dialect, as fuzz targets hand it over.

use http::HeaderMap;
use time::{OffsetDateTime, macros::datetime};

use super::{
    conditional, cookie, credentials, listing,
    whole::{RoleField, Sent},
};
use crate::{
    api::{call::parameter, fields::Fields, secrets::Secrets},
    domain::RefusedWords,
};

const NOW: OffsetDateTime = datetime!(2026-11-21 12:00 UTC);

/// A session cookie. Whatever is taken for one bears our signature: without it nothing is.
pub(crate) fn cookie(secrets: &Secrets, others: &Secrets, text: &str) {
    let opened = cookie::open(secrets, text, NOW);
    if let Ok(token) = opened {
        assert!(cookie::open(others, text, NOW).is_err(), "a signature is good under one key");
        let sealed = cookie::seal(secrets, "someone", &token, NOW + time::Duration::HOUR);
        let again = cookie::open(secrets, &sealed, NOW);
        assert!(again.is_ok_and(|again| again.digest() == token.digest()));
    }
}

/// An access token, with the cookie inside.
pub(crate) fn access_token(secrets: &Secrets, others: &Secrets, text: &str) {
    if let Some(inner) = cookie::unwrap(secrets, text) {
        assert!(cookie::unwrap(others, text).is_none(), "a signature is good under one key");
        cookie(secrets, others, &inner);
    }
}

/// Cookies, bearers, tags and dates of a head.
pub(crate) fn headers(headers: &HeaderMap) {
    let _carried = credentials::carried(headers);
    let _written = conditional::known(headers, NOW);
    let _read = conditional::is_known(headers, NOW);
}

/// Order and part of a list.
pub(crate) fn query(text: &str) {
    if let Ok(slice) = listing::read(&|name| parameter(text, name), &[("id", 0_u8), ("username", 1)]) {
        assert!(slice.offset >= 0 && slice.limit.is_none_or(|limit| limit >= 0));
    }
}

/// An account as clients describe it.
pub(crate) fn account(fields: &Fields) {
    for role in [RoleField::Id, RoleField::Name] {
        let checked = |sent: Sent| sent.checked(&RefusedWords::default()).map_err(drop);
        if let Ok(whole) = Sent::read(fields, role, None).map_err(drop).and_then(checked) {
            let texts = [whole.username.as_str(), whole.email.as_str(), &whole.full_name, &whole.ucdn];
            assert!(texts.iter().all(|text| !text.chars().any(char::is_control)));
        }
    }
}
