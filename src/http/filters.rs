//! Filters, in the order a request meets them.

use std::{
    convert::Infallible,
    net::IpAddr,
    panic::AssertUnwindSafe,
    sync::Arc,
    time::{Duration, Instant},
};

use bytes::{BufMut, Bytes, BytesMut};
use futures_util::{FutureExt as _, Stream, StreamExt};
use warp::{
    Buf, Filter, Rejection,
    http::{HeaderMap, HeaderValue, Method, StatusCode, header},
    path::FullPath,
    reject::Reject,
    reply::Response,
};

use super::{
    compress::{compressed, unpacked},
    peer::Peer,
};
use crate::{
    api::{
        Admitted, Head, admit,
        call::Call,
        dialect::Dialect,
        long::Long,
        problem::Problem,
        reply::{Outcome, Reply, Wire},
        site::Site,
        table::{Endpoint, Lookup},
    },
    service::Origin,
};

/// The request line, resolved.
#[derive(Clone)]
pub(super) struct Matched {
    endpoint: Endpoint,
    params: Vec<(String, String)>,
}

/// What clients, and proxies on the way, call a request by.
const REQUEST_ID: &str = "x-request-id";

/// No operation there: the one rejection this server makes.
struct NoSuchOperation {
    dialect: &'static Dialect,
    path: String,
    /// The methods that the path takes, if it is there at all.
    allow: Option<HeaderValue>,
    preflight: bool,
    allowed_origin: Option<HeaderValue>,
    request_id: Option<HeaderValue>,
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

/// Finds the operation.
pub(super) fn matched(site: Arc<Site>) -> impl Filter<Extract = (Matched,), Error = Rejection> + Clone {
    let line = warp::method().and(warp::path::full()).and(warp::header::headers_cloned());
    line.and_then(move |method: Method, path: FullPath, headers: HeaderMap| {
        let path = percent_encoding::percent_decode_str(path.as_str()).decode_utf8_lossy().into_owned();
        let no_such = |dialect, path, allow| {
            let preflight = method == Method::OPTIONS;
            Err(reject(NoSuchOperation {
                dialect,
                path,
                allow,
                preflight,
                allowed_origin: site.allowed_origin(&headers),
                request_id: headers.get(REQUEST_ID).cloned(),
                asked_at: Instant::now(),
            }))
        };
        std::future::ready(match site.table.lookup(&method, &path) {
            Lookup::Found(endpoint, params) => Ok(Matched { endpoint, params }),
            Lookup::WrongMethod(dialect, allow) => no_such(dialect, path, Some(allow)),
            Lookup::NoSuchPath(dialect) => no_such(dialect, path, None),
        })
    })
}

/// Hands the installation down the line.
pub(super) fn with_site(site: Arc<Site>) -> impl Filter<Extract = (Arc<Site>,), Error = Infallible> + Clone {
    warp::any().map(move || site.clone())
}

/// What is known before the body: method, headers, query, peer.
pub(super) fn head() -> impl Filter<Extract = (RequestHead,), Error = Rejection> + Clone {
    let query = warp::query::raw().or_else(|_| std::future::ready(Ok::<_, Rejection>((String::new(),))));
    warp::method()
        .and(warp::path::full())
        .and(query)
        .and(warp::header::headers_cloned())
        .and(warp::ext::optional::<Peer>())
        .map(|method, path: FullPath, query: String, headers, peer| RequestHead {
            origin: origin(&headers, peer),
            head: Head { method, headers, origin: Origin::default(), target: target(&path, &query) },
            path,
            query,
        })
}

fn target(path: &FullPath, query: &str) -> String {
    match query {
        "" => path.as_str().to_owned(),
        query => format!("{}?{query}", path.as_str()),
    }
}

/// The head of a request as warp gives it.
pub(super) struct RequestHead {
    head: Head,
    origin: Origin,
    path: FullPath,
    query: String,
}

fn origin(headers: &HeaderMap, peer: Option<Peer>) -> Origin {
    let user_agent = headers.get(header::USER_AGENT).and_then(|value| value.to_str().ok());
    Origin {
        address: peer.map(|Peer(address)| plain(address.ip()).to_string()),
        user_agent: user_agent.map(|text| text.chars().take(200).collect()),
    }
}

/// An IPv4 address that came over an IPv6 socket is still an IPv4 address.
fn plain(address: IpAddr) -> IpAddr {
    address.to_canonical()
}

/// Lets the caller in, runs the handler, wraps its words.
pub(super) async fn answer<S, B>(
    Matched { endpoint, params }: Matched,
    site: Arc<Site>,
    request: RequestHead,
    body: S,
) -> Response
where
    S: Stream<Item = Result<B, warp::Error>> + Send,
    B: Buf,
{
    let started = Instant::now();
    let RequestHead { mut head, origin, path, query } = request;
    let mut admitted = Admitted::default();
    let handled = async {
        let body = let_in(&endpoint, &mut head, &site, &mut admitted, body).await?;
        let (site, caller, headers) = (site.clone(), admitted.caller.take(), head.headers.clone());
        let call = Call { site, endpoint, caller, origin, params, headers, query, body };
        (endpoint.route.handler)(call).await
    };
    let result = AssertUnwindSafe(handled).catch_unwind().await.unwrap_or_else(|_| Err(Problem::internal()));
    let long = result.as_ref().ok().and_then(Reply::long).cloned();
    let renewal = admitted.renewal.take();
    let outcome = Outcome {
        site: &site,
        result,
        renewal,
        allowed_origin: site.allowed_origin(&head.headers),
        request_id: head.headers.get(REQUEST_ID).cloned(),
        took: started.elapsed(),
    };
    let wire = (endpoint.dialect.render)(outcome);
    tracing::info!(
        target: "latchkey::access",
        method = %head.method,
        path = path.as_str(),
        operation = endpoint.route.operation,
        status = wire.status.as_u16(),
        bytes = long.as_ref().map_or(wire.body.len() as u64, Long::length),
        microseconds = u64::try_from(started.elapsed().as_micros()).unwrap_or(u64::MAX),
    );
    match long {
        Some(long) => unpacked(wire, &long, &head.headers),
        None => sent(compressed(wire, &head.headers)),
    }
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
        let body = read(body, BODY_LIMIT).await?;
        head.take_token_from(&body);
        admit(endpoint, head, site, admitted).await?;
        return Ok(body);
    }
    admit(endpoint, head, site, admitted).await?;
    read(body, BODY_LIMIT).await
}

/// Largest body that any operation needs, in bytes (DESIGN section 5).
const BODY_LIMIT: usize = 64 * 1024;

/// Reads a body however it is framed.
async fn read<S, B>(body: S, limit: usize) -> Result<Bytes, Problem>
where
    S: Stream<Item = Result<B, warp::Error>>,
    B: Buf,
{
    let mut body = std::pin::pin!(body);
    let mut whole = BytesMut::new();
    while let Some(chunk) = body.next().await {
        let chunk = chunk.map_err(|_| Problem::bad_request("The body broke off."))?;
        if whole.len() + chunk.remaining() > limit {
            let text = format!("The body is larger than {limit} bytes.");
            return Err(Problem::new(StatusCode::PAYLOAD_TOO_LARGE, text));
        }
        whole.put(chunk);
    }
    Ok(whole.freeze())
}

/// Words what no operation answers, in the dialect that is at home there.
pub(super) async fn refused(rejection: Rejection, site: Arc<Site>) -> Result<Response, Infallible> {
    let Some(no_such) = rejection.find::<NoSuchOperation>() else {
        return Ok(worded(site.table.at_home("/"), &site, Err(Problem::bad_request("Bad Request"))));
    };
    let NoSuchOperation { dialect, path, allow, preflight, .. } = no_such;
    let result = match allow.clone() {
        Some(allow) if *preflight => Ok(Reply::nothing().with(header::ALLOW, allow)),
        Some(allow) => Err(Problem::wrong_method(path, allow)),
        None => Err((dialect.missing)(path)),
    };
    let outcome = Outcome {
        site: &site,
        result,
        renewal: None,
        allowed_origin: no_such.allowed_origin.clone(),
        request_id: no_such.request_id.clone(),
        took: no_such.asked_at.elapsed(),
    };
    Ok(sent((dialect.render)(outcome)))
}

/// An answer to a request of which nothing is known but its path.
pub(super) fn worded(dialect: &Dialect, site: &Site, result: Result<Reply, Problem>) -> Response {
    let (renewal, allowed_origin, request_id, took) = (None, None, None, Duration::ZERO);
    sent((dialect.render)(Outcome { site, result, renewal, allowed_origin, request_id, took }))
}

pub(super) fn sent(Wire { status, headers, body }: Wire) -> Response {
    let mut response = Response::new(body.into());
    *response.status_mut() = status;
    *response.headers_mut() = headers;
    response
}
