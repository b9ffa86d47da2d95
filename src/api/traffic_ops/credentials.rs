//! Where a Traffic Ops client carries its session, and what it hears when that is no good.

use http::{HeaderMap, header};

use super::cookie::{self, CookieRefused};
use crate::{
    api::{
        Head,
        cookies::cookies,
        dialect::{Identification, Identity},
        problem::Problem,
        reply::Renewal,
        site::Site,
    },
    domain::SessionToken,
};

/// Name of the session cookie. Source: fact sheet Traffic Ops §4.4.
pub(super) const SESSION: &str = "mojolicious";
/// Name of the access-token cookie.
pub(super) const ACCESS_TOKEN: &str = "access_token";

/// Finds the caller by the session's signature, its time, and its row.
pub(crate) fn identify<'a>(head: &'a Head, site: &'a Site) -> Identification<'a> {
    Box::pin(async move {
        let Some(Presented { token, in_access_token }) = presented(&head.headers, site)? else {
            return Ok(None);
        };
        let Some(caller) = site.services.sessions.caller(&token, head.shows_own).await? else {
            return Ok(None);
        };
        let (username, good_until) = (caller.account.username.to_string(), caller.good_until);
        let renewal = Renewal { token, in_access_token, username, good_until };
        Ok(Some(Identity { caller, renewal: Some(renewal) }))
    })
}

/// What somebody hears who is not signed in.
pub(super) fn nobody() -> Problem {
    worded(CookieRefused::Empty)
}

/// Credentials whose signature and time are good; whether the session lives, the database knows.
struct Presented {
    token: SessionToken,
    in_access_token: bool,
}

/// A bearer decides alone, then the first of the two cookies in the order of the header.
///
/// Source: fact sheet Traffic Ops §4.5; texts §3.3.
fn presented(headers: &HeaderMap, site: &Site) -> Result<Option<Presented>, Problem> {
    let Some((in_access_token, value)) = carried(headers) else { return Ok(None) };
    let cookie = match in_access_token {
        false => value,
        true => cookie::unwrap(&site.secrets.now(), &value).ok_or_else(nobody)?,
    };
    let token = cookie::open(&site.secrets.now(), &cookie, site.clock.now()).map_err(worded)?;
    Ok(Some(Presented { token, in_access_token }))
}

/// The carried text, and whether it is an access token.
pub(super) fn carried(headers: &HeaderMap) -> Option<(bool, String)> {
    let authorization = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
    if let Some(bearer) = authorization.filter(|value| value.contains("Bearer")) {
        return Some((true, bearer.split(' ').nth(1).unwrap_or_default().to_owned()));
    }
    cookies(headers).find_map(|(name, value)| match name {
        SESSION => Some((false, value.to_owned())),
        ACCESS_TOKEN => Some((true, value.to_owned())),
        _ => None,
    })
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
