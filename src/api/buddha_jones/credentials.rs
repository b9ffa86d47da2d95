//! Where a client carries its token, and what it hears when that is no good.

use http::{HeaderMap, header};

use super::{DIALECT, envelope::AUTH_ERROR};
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

/// The token in `Authorization`, with or without `Bearer` before it (fact sheet Buddha Jones §3.2).
pub(super) fn presented(headers: &HeaderMap) -> Option<AuthToken> {
    let value = headers.get(header::AUTHORIZATION)?.to_str().ok()?.trim();
    let token = match value.split_once(' ') {
        Some((scheme, token)) if scheme.eq_ignore_ascii_case("bearer") => token.trim(),
        _ => value,
    };
    AuthToken::parse(token)
}

/// What somebody hears who has no token, or a dead one: 401 for both, clients go by it (C11).
pub(super) fn nobody() -> Problem {
    Problem::unauthorized("User authentication failed").coded(AUTH_ERROR)
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    #[test]
    fn a_token_comes_with_or_without_its_scheme() {
        let token = "9tNOulANZ9PVYrHes_rLv-XPhko";
        let read = |value: &str| {
            let mut headers = HeaderMap::new();
            headers.insert(header::AUTHORIZATION, HeaderValue::from_str(value).unwrap());
            presented(&headers).map(|token| token.reveal().to_string())
        };
        for form in ["{}", "Bearer {}", "bearer  {}", " {} "] {
            assert_eq!(read(&form.replace("{}", token)).as_deref(), Some(token), "{form}");
        }
        for form in ["", "Bearer", "Basic {}", "Bearer {}x", "Token token={}"] {
            assert_eq!(read(&form.replace("{}", token)), None, "{form}");
        }
    }
}
