//! Where a Traffic Ops client carries its session, and what it hears when that is no good.

use http::{HeaderMap, header};
use time::OffsetDateTime;

use super::cookie::{self, CookieRefused};
use crate::api::{
    dialect::{Carrier, Presented},
    problem::Problem,
    secrets::Secrets,
};

/// Name of the session cookie. Source: fact sheet Traffic Ops §4.4.
pub(super) const SESSION: &str = "mojolicious";
/// Name of the access-token cookie.
pub(super) const ACCESS_TOKEN: &str = "access_token";

/// A bearer decides alone, then the first of the two cookies in the order of the header.
///
/// Source: fact sheet Traffic Ops §4.5; texts §3.3.
pub(super) fn presented(
    headers: &HeaderMap,
    secrets: &Secrets,
    now: OffsetDateTime,
) -> Result<Option<Presented>, Problem> {
    let Some((carrier, value)) = carried(headers) else { return Ok(None) };
    let cookie = match carrier {
        Carrier::Cookie => value,
        Carrier::AccessTokenCookie | Carrier::Bearer => {
            cookie::unwrap(secrets, &value).ok_or_else(|| worded(CookieRefused::Empty))?
        }
    };
    let token = cookie::open(secrets, &cookie, now).map_err(worded)?;
    Ok(Some(Presented { token, carrier }))
}

fn carried(headers: &HeaderMap) -> Option<(Carrier, String)> {
    let authorization = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
    if let Some(bearer) = authorization.filter(|value| value.contains("Bearer")) {
        return Some((Carrier::Bearer, bearer.split(' ').nth(1).unwrap_or_default().to_owned()));
    }
    let lines = headers.get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok());
    let mut cookies = lines.flat_map(cookie_pairs);
    cookies.find_map(|(name, value)| match name {
        SESSION => Some((Carrier::Cookie, value.to_owned())),
        ACCESS_TOKEN => Some((Carrier::AccessTokenCookie, value.to_owned())),
        _ => None,
    })
}

fn cookie_pairs(line: &str) -> impl Iterator<Item = (&str, &str)> {
    line.split(';').filter_map(|pair| pair.trim().split_once('='))
}

fn worded(refused: CookieRefused) -> Problem {
    Problem::unauthorized(match refused {
        CookieRefused::Empty => "unauthorized, please log in.",
        CookieRefused::NoDashes => "error parsing cookie: malformed cookie - no dashes",
        CookieRefused::Malformed => "Unauthorized",
        CookieRefused::Signature => "bad signature - unauthorized, please log in",
        CookieRefused::Expired => "signature expired - unauthorized, please log in",
    })
}
