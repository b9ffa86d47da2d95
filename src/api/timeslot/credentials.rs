//! Where a client carries its token, and what it hears when that is no good.

use http::{HeaderMap, HeaderValue, header};

use super::{DIALECT, envelope::BARE};
use crate::{
    api::{
        Head,
        dialect::{self, Identification},
        problem::Problem,
        site::Site,
    },
    domain::AuthToken,
};

/// Finds the caller by the token.
pub(super) fn identify<'a>(head: &'a Head, site: &'a Site) -> Identification<'a> {
    Box::pin(dialect::holder(presented(&head.headers), DIALECT.name, site))
}

/// `Authorization: Token token=…`, the scheme with case, the value with or without quotes; other parameters may
/// stand beside it (fact sheet Timeslot §1.2).
pub(super) fn presented(headers: &HeaderMap) -> Option<AuthToken> {
    let parameters = headers.get(header::AUTHORIZATION)?.to_str().ok()?.strip_prefix("Token ")?;
    let mut values = parameters.split([',', ';', '\t']).filter_map(|part| part.trim().strip_prefix("token="));
    let value = values.next()?;
    let bare = value.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')).unwrap_or(value);
    AuthToken::parse(bare)
}

/// What somebody hears who has no token, or a dead one (fact sheet Timeslot §1.1, generic errors).
pub(super) fn nobody() -> Problem {
    let challenge = HeaderValue::from_static("Token realm=\"Application\"");
    Problem::unauthorized("Bad credentials").coded(BARE).with(header::WWW_AUTHENTICATE, challenge)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_comes_quoted_or_not_and_with_other_parameters() {
        let token = "9tNOulANZ9PVYrHes_rLv-XPhko";
        let read = |value: &str| {
            let mut headers = HeaderMap::new();
            headers.insert(header::AUTHORIZATION, HeaderValue::from_str(value).unwrap());
            presented(&headers).map(|token| token.reveal().to_string())
        };
        for form in
            ["Token token={}", "Token token=\"{}\"", "Token realm=\"x\", token=\"{}\"", "Token token={}; a=b"]
        {
            let value = form.replace("{}", token);
            assert_eq!(read(&value).as_deref(), Some(token), "{value}");
        }
        for form in
            ["token token={}", "Bearer {}", "{}", "Token {}", "Token token={}x", "Token token=", "Token"]
        {
            let value = form.replace("{}", token);
            assert_eq!(read(&value), None, "{value}");
        }
    }
}
