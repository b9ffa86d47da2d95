//! Who may come in: judged from the head of a request, before its body is read.

use std::sync::Arc;

use http::{HeaderMap, HeaderValue, Method, header};

use super::{
    dialect::Identity, limits, problem::Problem, reply::Renewal, route::Access, site::Site, table::Endpoint,
};
use crate::service::Caller;

/// The head of a request.
pub struct Head {
    /// Its method.
    pub method: Method,
    /// Its headers.
    pub headers: HeaderMap,
    /// Path and query, as they came.
    pub target: http::uri::PathAndQuery,
    /// The operation shows its caller's own account.
    pub shows_own: bool,
}

impl Head {
    /// Whether a client may have put its token into the body, as a form's `access_token`: then the body is read
    /// before the request is judged (RFC 6750 §2.2).
    pub fn token_may_be_in_body(&self, endpoint: &Endpoint) -> bool {
        let kind = self.headers.get(header::CONTENT_TYPE).map_or(&b""[..], HeaderValue::as_bytes);
        matches!(endpoint.route.access, Access::Client(_))
            && !self.headers.contains_key(header::AUTHORIZATION)
            && kind.starts_with(b"application/x-www-form-urlencoded")
    }

    /// Takes the token of a form as if it had come in the header.
    pub fn take_token_from(&mut self, form: &[u8]) {
        let token = form_urlencoded::parse(form).find(|(name, _)| name == "access_token");
        if let Some(value) =
            token.and_then(|(_, token)| HeaderValue::try_from(format!("Bearer {token}")).ok())
        {
            self.headers.insert(header::AUTHORIZATION, value);
        }
    }
}

/// Who was let in, and the session that the answer renews.
#[derive(Default)]
pub struct Admitted {
    /// Who calls, if anybody is signed in.
    pub caller: Option<Arc<Caller>>,
    /// The session to renew.
    pub renewal: Option<Renewal>,
}

impl Admitted {
    fn take(&mut self, identity: Option<Identity>) {
        if let Some(Identity { caller, renewal }) = identity {
            self.caller = Some(Arc::new(caller));
            self.renewal = renewal;
        }
    }

    /// The caller, whom the operation can't do without.
    fn required(&self, endpoint: &Endpoint) -> Result<&Caller, Problem> {
        self.caller.as_deref().ok_or_else(endpoint.dialect.nobody)
    }
}

/// Judges a request by its size and its row: signature, expiry, the session's row, the permission.
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
    limits::check(head)?;
    refuse_cross_site(head, site)?;
    let identify = || (endpoint.dialect.identify)(head, site);
    match &endpoint.route.access {
        Access::Public => Ok(()),
        Access::Client(recognise) => recognise(head, site).await,
        Access::Greeted => {
            admitted.take(identify().await.unwrap_or_default());
            Ok(())
        }
        Access::Session | Access::Own => {
            admitted.take(identify().await?);
            admitted.required(endpoint).map(drop)
        }
        Access::Holding(permissions) => {
            admitted.take(identify().await?);
            require(admitted.required(endpoint)?, permissions)
        }
    }
}

/// The role must grant every permission that the row names.
fn require(caller: &Caller, permissions: &[&'static str]) -> Result<(), Problem> {
    let missing = caller.lacks(permissions);
    match missing.is_empty() {
        true => Ok(()),
        false => Err(Problem::forbidden(format!("missing required Permissions: {}", missing.join(", ")))),
    }
}

/// An unsafe request that a browser sends for another site, with the cookies it has for ours.
fn refuse_cross_site(head: &Head, site: &Site) -> Result<(), Problem> {
    let safe = [Method::GET, Method::HEAD, Method::OPTIONS].contains(&head.method);
    match safe || !head.headers.contains_key(header::COOKIE) {
        true => Ok(()),
        false => refuse_foreign(&head.headers, site),
    }
}

/// Refuses what a browser sends for another site that the operator has not allowed. Sign-ins ask for it themselves:
/// nobody is to be signed in as somebody else by a page elsewhere, and that takes no cookie.
///
/// Programs send neither header. Source: DESIGN section 2, cross-site requests.
///
/// # Errors
/// 403.
pub fn refuse_foreign(headers: &HeaderMap, site: &Site) -> Result<(), Problem> {
    let same_site = match headers.get("sec-fetch-site").map(HeaderValue::as_bytes) {
        Some(b"same-origin" | b"none") => true,
        Some(_) => false,
        None => headers.get(header::ORIGIN).is_none_or(|origin| is_ours(origin, headers, site)),
    };
    match same_site || site.allowed_origin(headers).is_some() {
        true => Ok(()),
        false => Err(Problem::forbidden("Requests from other sites are refused.")),
    }
}

/// An origin is ours when it is the public one, or names the host that the request was sent to.
fn is_ours(origin: &HeaderValue, headers: &HeaderMap, site: &Site) -> bool {
    let origin = String::from_utf8_lossy(origin.as_bytes());
    let host = headers.get(header::HOST).map(|host| String::from_utf8_lossy(host.as_bytes()));
    site.public_url == origin
        || host.is_some_and(|host| origin.split_once("://").is_some_and(|(_, authority)| authority == host))
}
