//! Where a client carries its token, and what it hears when that is no good.

use http::{HeaderMap, HeaderValue, header};

use crate::{
    api::{
        Head,
        dialect::{Identification, Identity},
        problem::Problem,
        route::Recognition,
        site::Site,
    },
    domain::BearerToken,
    service::Bearer,
};

/// Finds the account whose token is presented. A client's own token is nobody's, whatever the client is called
/// (fact sheet Teen Quotes §2.6, B7).
pub(super) fn identify<'a>(head: &'a Head, site: &'a Site) -> Identification<'a> {
    Box::pin(async move {
        let Some(token) = presented(&head.headers)? else { return Ok(None) };
        match site.services.oauth.bearer(&token).await? {
            Some(Bearer::Account(caller)) => Ok(Some(Identity { caller: *caller, renewal: None })),
            Some(Bearer::Client) | None => Err(not_valid()),
        }
    })
}

/// Lets clients in, with a token of their own or with an account's (B8).
pub(super) fn recognise<'a>(head: &'a Head, site: &'a Site) -> Recognition<'a> {
    Box::pin(async move {
        let token = presented(&head.headers)?.ok_or_else(nobody)?;
        match site.services.oauth.bearer(&token).await? {
            Some(Bearer::Client | Bearer::Account(_)) => Ok(()),
            None => Err(not_valid()),
        }
    })
}

/// The token, with or without `Bearer` before it; of a list the first item counts (B2).
pub(super) fn presented(headers: &HeaderMap) -> Result<Option<BearerToken>, Problem> {
    let Some(value) = headers.get(header::AUTHORIZATION) else { return Ok(None) };
    let first = value.to_str().map_err(|_| not_valid())?.split(',').next().unwrap_or_default().trim();
    let token = match first.split_once(' ') {
        Some((scheme, token)) if scheme.eq_ignore_ascii_case("bearer") => token.trim(),
        _ if first.eq_ignore_ascii_case("bearer") => "",
        _ => first,
    };
    match token {
        "" => Ok(None),
        token => BearerToken::parse(token).map(Some).ok_or_else(not_valid),
    }
}

/// What somebody hears who has no token.
pub(super) fn nobody() -> Problem {
    unauthorized("Access token is missing", "Bearer")
}

/// What somebody hears whose token is dead, or not of the kind that is needed.
pub(super) fn not_valid() -> Problem {
    unauthorized("Access token is not valid", r#"Bearer error="invalid_token""#)
}

fn unauthorized(text: &str, challenge: &'static str) -> Problem {
    Problem::unauthorized(text).with(header::WWW_AUTHENTICATE, HeaderValue::from_static(challenge))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(value: &str) -> Result<Option<String>, String> {
        let mut headers = HeaderMap::new();
        headers.insert(header::AUTHORIZATION, HeaderValue::from_str(value).unwrap());
        let token = presented(&headers).map_err(|problem| problem.text)?;
        Ok(token.map(|token| token.reveal().to_owned()))
    }

    #[test]
    fn a_token_comes_with_or_without_its_scheme() {
        let token = "jLJeOz8aEIsKtGSdXsqTDGxmtEduUGkZTVJBo3We";
        for written in ["Bearer {}", "bearer {}", "BEARER  {} ", "{}", " {}", "Bearer {}, Basic abc", "{},"] {
            let value = written.replace("{}", token);
            assert_eq!(read(&value), Ok(Some(token.to_owned())), "{value:?}");
        }
        for nothing in ["", "Bearer", "Bearer ", ", x"] {
            assert_eq!(read(nothing), Ok(None), "{nothing:?}");
        }
        for bad in
            ["Bearer x", "Basic abc", "Token token=abc", &format!("Basic {token}"), &format!("{token}x")]
        {
            assert_eq!(read(bad), Err("Access token is not valid".to_owned()), "{bad:?}");
        }
    }
}
