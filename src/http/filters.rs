//! Filters, in the order a request meets them.

use std::{convert::Infallible, net::IpAddr, panic::AssertUnwindSafe, sync::Arc, time::Instant};

use bytes::{BufMut, Bytes, BytesMut};
use futures_util::{FutureExt as _, Stream, StreamExt};
use warp::{
    Buf, Filter, Rejection,
    http::{HeaderMap, HeaderValue, Method, StatusCode, header},
    path::FullPath,
    reject::Reject,
    reply::Response,
};

use super::{compress::compressed, peer::Peer};
use crate::{
    api::{
        Admitted, Head, admit,
        call::Call,
        dialect::Dialect,
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

/// No operation there: the one rejection this server makes.
struct NoSuchOperation {
    dialect: &'static Dialect,
    path: String,
    /// The methods that the path takes, if it is there at all.
    allow: Option<HeaderValue>,
    preflight: bool,
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
    warp::method().and(warp::path::full()).and_then(move |method: Method, path: FullPath| {
        let path = percent_encoding::percent_decode_str(path.as_str()).decode_utf8_lossy().into_owned();
        let no_such = |dialect, path, allow| {
            let preflight = method == Method::OPTIONS;
            Err(reject(NoSuchOperation { dialect, path, allow, preflight }))
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
        .map(|method, path: FullPath, query, headers, peer| RequestHead {
            origin: origin(&headers, peer),
            head: Head { method, headers, origin: Origin::default() },
            path,
            query,
        })
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

/// Admits the caller, only then reads the body, runs the handler, wraps its words.
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
    let RequestHead { head, origin, path, query } = request;
    let mut admitted = Admitted::default();
    let handled = async {
        admit(&endpoint, &head, &site, &mut admitted).await?;
        let body = read(body, BODY_LIMIT).await?;
        let (site, caller, headers) = (site.clone(), admitted.caller.take(), head.headers.clone());
        let call = Call { site, endpoint, caller, origin, params, headers, query, body };
        (endpoint.route.handler)(call).await
    };
    let result = AssertUnwindSafe(handled).catch_unwind().await.unwrap_or_else(|_| Err(Problem::internal()));
    let renewal = admitted.renewal.take();
    let outcome =
        Outcome { site: &site, result, renewal, allowed_origin: site.allowed_origin(&head.headers) };
    let wire = (endpoint.dialect.render)(outcome);
    tracing::info!(
        target: "latchkey::access",
        method = %head.method,
        path = path.as_str(),
        operation = endpoint.route.operation,
        status = wire.status.as_u16(),
        bytes = wire.body.len(),
        microseconds = u64::try_from(started.elapsed().as_micros()).unwrap_or(u64::MAX),
    );
    sent(compressed(wire, &head.headers))
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
    let Some(NoSuchOperation { dialect, path, allow, preflight }) = rejection.find() else {
        return Ok(worded(site.table.at_home("/"), &site, Err(Problem::bad_request("Bad Request"))));
    };
    let result = match allow.clone() {
        Some(allow) if *preflight => Ok(Reply::nothing().with(header::ALLOW, allow)),
        Some(allow) => Err(Problem::wrong_method(path, allow)),
        None => Err((dialect.missing)(path)),
    };
    Ok(worded(dialect, &site, result))
}

/// An answer without a caller.
pub(super) fn worded(dialect: &Dialect, site: &Site, result: Result<Reply, Problem>) -> Response {
    sent((dialect.render)(Outcome { site, result, renewal: None, allowed_origin: None }))
}

fn sent(Wire { status, headers, body }: Wire) -> Response {
    let mut response = Response::new(body.into());
    *response.status_mut() = status;
    *response.headers_mut() = headers;
    response
}
