//! Filters, in the order a request meets them.

use std::{
    convert::Infallible,
    net::IpAddr,
    panic::AssertUnwindSafe,
    pin::pin,
    sync::Arc,
    time::{Duration, Instant},
};

use bytes::Bytes;
use futures_util::{FutureExt as _, Stream};
use warp::{
    Buf, Filter, Rejection, Reply as _,
    http::{HeaderMap, HeaderValue, Method, StatusCode, header, uri::PathAndQuery},
    reject::Reject,
    reply::Response,
};

use super::{
    access::Seen,
    arrived::{Parts, parts},
    body,
    compress::{compressed, takes_gzip, unpacked},
    peer::Peer,
    request_name::RequestName,
    secure::keep_to_tls,
};
use crate::{
    api::{
        Admitted, Head, admit,
        call::Call,
        dialect::Dialect,
        problem::Problem,
        reply::{Outcome, Reply, Wire},
        route::Access,
        site::Site,
        table::{Endpoint, Lookup},
    },
    service::Origin,
};

/// A request that an operation was found for.
pub(super) struct Matched {
    site: Arc<Site>,
    endpoint: Endpoint,
    params: Vec<(String, String)>,
    head: Head,
    origin: Origin,
    /// The request came by TLS.
    secure: bool,
    query: String,
    name: RequestName,
}

/// No operation there: the one rejection this server makes.
struct NoSuchOperation {
    site: Arc<Site>,
    dialect: &'static Dialect,
    path: String,
    /// The methods that the path takes, if it is there at all.
    allow: Option<HeaderValue>,
    preflight: bool,
    allowed_origin: Option<HeaderValue>,
    method: Method,
    name: RequestName,
    secure: bool,
    asked_at: Instant,
}

impl Reject for NoSuchOperation {}

impl std::fmt::Debug for NoSuchOperation {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "no such operation in {}", self.dialect.name)
    }
}

#[expect(clippy::disallowed_methods, reason = "the one place that turns a request away")]
fn reject(no_such: NoSuchOperation) -> Rejection {
    warp::reject::custom(no_such)
}

/// Finds the operation for a head that was put aside.
pub(super) fn matched(site: Arc<Site>) -> impl Filter<Extract = (Box<Matched>,), Error = Rejection> + Clone {
    parts().and_then(move |parts: Option<Parts>| {
        let parts = parts.ok_or_else(warp::reject::reject);
        std::future::ready(parts.and_then(|parts| resolve(site.clone(), parts).map(Box::new)))
    })
}

fn resolve(site: Arc<Site>, Parts { method, uri, headers, peer, name }: Parts) -> Result<Matched, Rejection> {
    let path = percent_encoding::percent_decode_str(uri.path()).decode_utf8_lossy();
    let (dialect, allow) = match site.table.lookup(&method, &path) {
        Lookup::Found(endpoint, params) => {
            let query = uri.query().unwrap_or_default().to_owned();
            let target = uri.into_parts().path_and_query.unwrap_or(PathAndQuery::from_static("/"));
            let shows_own = endpoint.route.access == Access::Own;
            let origin = origin(&headers, peer, endpoint.dialect.name);
            let head = Head { method, headers, target, shows_own };
            return Ok(Matched { site, endpoint, params, head, origin, secure: peer.secure, query, name });
        }
        Lookup::WrongMethod(dialect, allow) => (dialect, Some(allow)),
        Lookup::NoSuchPath(dialect) => (dialect, None),
    };
    Err(reject(NoSuchOperation {
        dialect,
        path: path.into_owned(),
        allow,
        preflight: method == Method::OPTIONS,
        allowed_origin: site.allowed_origin(&headers),
        method,
        name,
        secure: peer.secure,
        asked_at: Instant::now(),
        site,
    }))
}

fn origin(headers: &HeaderMap, peer: Peer, dialect: &'static str) -> Origin {
    // What can be a text has one byte a character.
    let user_agent = headers.get(header::USER_AGENT).and_then(|value| value.to_str().ok());
    let user_agent = user_agent.map(|text| text.get(..LONGEST_USER_AGENT).unwrap_or(text).to_owned());
    Origin { address: peer.address.map(written), ip: peer.address, user_agent, dialect }
}

/// How much of a client's own name for itself is kept, in characters.
const LONGEST_USER_AGENT: usize = 200;

/// An address as a text. The usual kind without the formatter, which would cost a thirtieth of a small answer.
fn written(address: IpAddr) -> String {
    let IpAddr::V4(address) = address else { return address.to_string() };
    let mut text = String::with_capacity(15);
    for (at, octet) in address.octets().into_iter().enumerate() {
        if at > 0 {
            text.push('.');
        }
        for (unit, least) in [(100, 100), (10, 10), (1, 0)] {
            if octet >= least {
                text.push(char::from(b'0' + octet / unit % 10));
            }
        }
    }
    text
}

/// Lets the caller in, runs the handler, wraps its words.
pub(super) async fn answer<S, B>(matched: Box<Matched>, body: S) -> Response
where
    S: Stream<Item = Result<B, warp::Error>> + Send,
    B: Buf,
{
    let Matched { site, endpoint, params, mut head, origin, secure, query, name } = *matched;
    let seen = Seen::named(&site, endpoint.place, head.method.clone(), name, Instant::now());
    let (allowed_origin, gzip) = (site.allowed_origin(&head.headers), takes_gzip(&head.headers));
    let mut admitted = Admitted::default();
    let result = {
        let handled = pin!(async {
            let body = let_in(&endpoint, &mut head, &site, &mut admitted, body).await?;
            let (site, caller, headers) = (site.clone(), admitted.caller.clone(), head.headers);
            let call = Call { site, endpoint, caller, origin, params, headers, query, body };
            (endpoint.route.handler)(call).await
        });
        let handled = seen.name().over(AssertUnwindSafe(handled).catch_unwind());
        handled.await.unwrap_or_else(|_| Err(Problem::internal()))
    };
    let long = result.as_ref().ok().and_then(Reply::long).cloned();
    let outcome = Outcome {
        site: &site,
        result,
        caller: admitted.caller.as_deref(),
        renewal: admitted.renewal.take(),
        allowed_origin,
        request_id: seen.name().said(),
        took: seen.took(),
    };
    let mut wire = (endpoint.dialect.render)(outcome);
    keep_to_tls(&site, secure, &mut wire.headers);
    seen.answered(match long {
        Some(long) => unpacked(wire, &long, gzip),
        None => sent(compressed(wire, gzip)),
    })
}

/// Admits the caller, then reads the body; the other way round only where the token may be in it.
async fn let_in<S, B>(
    endpoint: &Endpoint,
    head: &mut Head,
    site: &Site,
    admitted: &mut Admitted,
    body: S,
) -> Result<Bytes, Problem>
where
    S: Stream<Item = Result<B, warp::Error>>,
    B: Buf,
{
    if head.token_may_be_in_body(endpoint) {
        let body = body::read(&head.headers, body).await?;
        head.take_token_from(&body);
        admit(endpoint, head, site, admitted).await?;
        return Ok(body);
    }
    admit(endpoint, head, site, admitted).await?;
    body::read(&head.headers, body).await
}

/// Words what no operation answers, in the dialect that is at home there.
pub(super) async fn refused(rejection: Rejection) -> Result<Response, Infallible> {
    let Some(no_such) = rejection.find::<NoSuchOperation>() else {
        // Nothing else is ever rejected, so there is nobody here to find better words.
        return Ok(StatusCode::BAD_REQUEST.into_response());
    };
    let NoSuchOperation { site, dialect, path, allow, preflight, method, name, .. } = no_such;
    let place = site.table.elsewhere(dialect);
    let seen = Seen::named(site, place, method.clone(), name.clone(), no_such.asked_at);
    let result = match allow.clone() {
        Some(allow) if *preflight => Ok(Reply::nothing().with(header::ALLOW, allow)),
        Some(allow) => Err(Problem::wrong_method(path, allow)),
        None => Err((dialect.missing)(path)),
    };
    let outcome = Outcome {
        site,
        result,
        caller: None,
        renewal: None,
        allowed_origin: no_such.allowed_origin.clone(),
        request_id: name.said(),
        took: seen.took(),
    };
    let mut wire = (dialect.render)(outcome);
    keep_to_tls(site, no_such.secure, &mut wire.headers);
    Ok(seen.answered(sent(wire)))
}

/// An answer to a request of which nothing is known but its path.
pub(super) fn worded(dialect: &Dialect, site: &Site, result: Result<Reply, Problem>) -> Response {
    let outcome = Outcome {
        site,
        result,
        caller: None,
        renewal: None,
        allowed_origin: None,
        request_id: &[],
        took: Duration::ZERO,
    };
    let mut wire = (dialect.render)(outcome);
    keep_to_tls(site, false, &mut wire.headers);
    site.table.tally.note(site.table.elsewhere(dialect), wire.status.as_u16(), Duration::ZERO);
    sent(wire)
}

pub(super) fn sent(Wire { status, headers, body }: Wire) -> Response {
    let mut response = Response::new(body.into());
    *response.status_mut() = status;
    *response.headers_mut() = headers;
    response
}
