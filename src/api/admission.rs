//! Who may come in: judged from the head of a request, before its body is read.

use http::{HeaderMap, HeaderValue, Method, header};

use super::{
    dialect::{Dialect, Presented},
    problem::Problem,
    reply::Renewal,
    route::Access,
    site::Site,
    table::Endpoint,
};
use crate::service::{Caller, Origin};

/// The head of a request.
pub struct Head {
    /// Its method.
    pub method: Method,
    /// Its headers.
    pub headers: HeaderMap,
    /// Where it came from.
    pub origin: Origin,
}

/// Who was let in, and the session that the answer renews.
#[derive(Default)]
pub struct Admitted {
    /// Who calls, if anybody is signed in.
    pub caller: Option<Caller>,
    /// The session to renew.
    pub renewal: Option<Renewal>,
}

/// Judges a request by its row: signature, expiry, the session's row, the permission.
///
/// # Errors
/// 401, 403 or 503 in the dialect's words. What is known of the caller by then stays in `admitted`, so that a
/// refusal still renews the session.
pub async fn admit(
    endpoint: &Endpoint,
    head: &Head,
    site: &Site,
    admitted: &mut Admitted,
) -> Result<(), Problem> {
    refuse_cross_site(head, site)?;
    let access = &endpoint.route.access;
    if *access == Access::Public {
        return Ok(());
    }
    match (recognise(endpoint.dialect, head, site, admitted).await, access) {
        (_, Access::Public | Access::Greeted) => Ok(()),
        (Err(problem), _) => Err(problem),
        (Ok(()), Access::Session) => Ok(()),
        (Ok(()), Access::Holding(permission)) => {
            match admitted.caller.as_ref().and_then(|c| c.account.role.as_ref()) {
                Some(role) if role.grants(permission) => Ok(()),
                _ => Err(Problem::forbidden(format!("missing required Permissions: {}", permission.0))),
            }
        }
    }
}

async fn recognise(
    dialect: &'static Dialect,
    head: &Head,
    site: &Site,
    admitted: &mut Admitted,
) -> Result<(), Problem> {
    let presented: Presented =
        (dialect.presented)(&head.headers, &site.secrets, site.clock.now())?.ok_or_else(nobody)?;
    let caller = site.services.sessions.caller(&presented.token).await?.ok_or_else(nobody)?;
    let username = caller.account.username.as_str().to_owned();
    admitted.renewal = Some(Renewal { presented, username, good_until: caller.good_until });
    admitted.caller = Some(caller);
    Ok(())
}

fn nobody() -> Problem {
    Problem::unauthorized("unauthorized, please log in.")
}

/// An unsafe request that a browser sends for another site, with the cookies it has for ours.
///
/// Programs send neither header. Source: DESIGN section 2, cross-site requests.
fn refuse_cross_site(head: &Head, site: &Site) -> Result<(), Problem> {
    let safe = [Method::GET, Method::HEAD, Method::OPTIONS].contains(&head.method);
    if safe || !head.headers.contains_key(header::COOKIE) || site.allowed_origin(&head.headers).is_some() {
        return Ok(());
    }
    let same_site = match head.headers.get("sec-fetch-site").map(HeaderValue::as_bytes) {
        Some(b"same-origin" | b"none") => true,
        Some(_) => false,
        None => head.headers.get(header::ORIGIN).is_none_or(|origin| is_ours(origin, head, site)),
    };
    match same_site {
        true => Ok(()),
        false => Err(Problem::forbidden("Requests from other sites are refused.")),
    }
}

/// An origin is ours when it is the public one, or names the host that the request was sent to.
fn is_ours(origin: &HeaderValue, head: &Head, site: &Site) -> bool {
    let origin = String::from_utf8_lossy(origin.as_bytes());
    let host = head.headers.get(header::HOST).map(|host| String::from_utf8_lossy(host.as_bytes()));
    site.public_url == origin
        || host.is_some_and(|host| origin.split_once("://").is_some_and(|(_, authority)| authority == host))
}
