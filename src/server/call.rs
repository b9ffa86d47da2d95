//! One request on its way to warp and back: with its peer's address, within its time, and never without an answer.

use std::{
    convert::Infallible,
    future::poll_fn,
    panic::{AssertUnwindSafe, catch_unwind},
    pin::{Pin, pin},
    sync::Arc,
    task::Poll,
    time::Duration,
};

use http::{
    HeaderMap, HeaderValue, Request, StatusCode, Version,
    header::{CONNECTION, COOKIE, Entry, HOST},
    request::Parts,
};
use hyper::body::Incoming;
use tokio::time::{error::Elapsed, timeout};
use warp::reply::Response;

use super::{
    Answers, Reception,
    activity::Activity,
    proxies::TrustedProxies,
    running::Running,
    upload::{Awaited, Upload},
};
use crate::http::{Peer, RequestName, arrived};

/// What warp made of a request, if it came to an end and came in time.
type Outcome = Result<Result<Response, Panicked>, Elapsed>;

/// A handler's panic, caught. The panic hook has its text; it goes no further.
struct Panicked;

/// One connection's way to the service: what its calls have in common.
///
/// A call takes one count of this and none of what all connections share: counts that two cores write to are the
/// dearest part of a small request.
pub(super) struct Desk<S> {
    pub(super) reception: Arc<Reception<S>>,
    pub(super) activity: Arc<Activity>,
    peer: Peer,
    /// Set where the peer is one of them: then its calls say who the client is.
    proxies: Option<Arc<TrustedProxies>>,
}

impl<S> Desk<S> {
    pub(super) fn new(
        reception: &Arc<Reception<S>>,
        activity: Arc<Activity>,
        peer: Peer,
        proxies: Option<Arc<TrustedProxies>>,
    ) -> Arc<Self> {
        Arc::new(Self { reception: Arc::clone(reception), activity, peer, proxies })
    }

    fn client(&self, headers: &HeaderMap) -> Peer {
        self.proxies.as_ref().map_or(self.peer, |proxies| proxies.client(headers, self.peer))
    }
}

/// Answers one request. The returned future owns all it needs, so that HTTP/2 may run it in a task of its own.
pub(super) fn answer<S: Answers>(
    desk: Arc<Desk<S>>,
    request: Request<Incoming>,
) -> impl Future<Output = Result<Response, Infallible>> + Send + use<S> {
    let busy = desk.activity.call();
    async move {
        let Reception { service, limits, refuse, running } = &*desk.reception;
        let (version, uri) = (request.version(), request.uri().clone());
        let (mut head, body) = request.into_parts();
        if version == Version::HTTP_2 {
            as_in_turn(&mut head);
        }
        let client = desk.client(&head.headers);
        let (body, awaited) = Upload::new(body, running);
        let name = RequestName::of(&head.headers);
        let request = arrived(Request::from_parts(head, body), client, name.clone());
        let (mut response, failed) = match running.full() {
            true => (name.on(refuse(uri.path(), StatusCode::SERVICE_UNAVAILABLE)), false),
            false => {
                let call = pin!(service.call(request));
                let outcome = in_time(limits.call_timeout, running, caught(call)).await;
                match (failure(&outcome, &awaited), outcome) {
                    (None, Ok(Ok(response))) => (response, false),
                    (status, _) => {
                        let status = status.unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
                        (name.on(refuse(uri.path(), status)), true)
                    }
                }
            }
        };
        // What is left of a body after a failure is in nobody's hands; HTTP/2 has other means and forbids the header.
        if (failed || desk.activity.closing()) && version < Version::HTTP_2 {
            response.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
        }
        drop(busy);
        Ok(response)
    }
}

/// Puts what HTTP/2 says in its own way where HTTP/1.1 has it: the authority into `Host`, the crumbs of a cookie into
/// one line (RFC 9113 sections 8.3.1 and 8.2.3).
fn as_in_turn(head: &mut Parts) {
    let host = head.uri.authority().and_then(|authority| HeaderValue::from_str(authority.as_str()).ok());
    if let (Entry::Vacant(place), Some(host)) = (head.headers.entry(HOST), host) {
        place.insert(host);
    }
    let crumbs: Vec<&[u8]> = head.headers.get_all(COOKIE).iter().map(HeaderValue::as_bytes).collect();
    if crumbs.len() > 1
        && let Ok(whole) = HeaderValue::from_bytes(&crumbs.join(&b"; "[..]))
    {
        head.headers.insert(COOKIE, whole);
    }
}

/// As tokio's `timeout`, but without a timer and a count for what is ready at once.
async fn in_time<T>(
    limit: Duration,
    running: &Running,
    mut work: impl Future<Output = T> + Unpin,
) -> Result<T, Elapsed> {
    match poll_fn(|cx| Poll::Ready(Pin::new(&mut work).poll(cx))).await {
        Poll::Ready(done) => Ok(done),
        Poll::Pending => {
            let _entered = running.enter();
            timeout(limit, work).await
        }
    }
}

/// Whose fault it is that there is no answer, as a status.
fn failure(outcome: &Outcome, awaited: &Awaited) -> Option<StatusCode> {
    match outcome {
        Ok(Ok(_)) => None,
        Ok(Err(Panicked)) => Some(StatusCode::INTERNAL_SERVER_ERROR),
        Err(_) if awaited.still() => Some(StatusCode::REQUEST_TIMEOUT),
        Err(_) => Some(StatusCode::SERVICE_UNAVAILABLE),
    }
}

/// A panic of the call is an outcome, not the end of the connection. The call is lent, not given: what warp makes
/// of a long filter is large to move.
fn caught<C>(mut call: Pin<&mut C>) -> impl Future<Output = Result<Response, Panicked>> + Unpin
where
    C: Future<Output = Result<Response, Infallible>>,
{
    // Unwind-safe in fact: after a panic the future is never polled again.
    poll_fn(move |cx| match catch_unwind(AssertUnwindSafe(|| call.as_mut().poll(cx))) {
        Ok(polled) => polled.map(|Ok(response)| Ok(response)),
        Err(_) => Poll::Ready(Err(Panicked)),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_http_2_says_in_its_own_way_is_where_http_1_has_it() {
        let request =
            Request::get("https://login.example.test/a").header(COOKIE, "a=1").header(COOKIE, "b=2; c=3");
        let (mut head, ()) = request.body(()).unwrap().into_parts();
        as_in_turn(&mut head);
        let cookies: Vec<_> = head.headers.get_all(COOKIE).iter().collect();
        assert_eq!(cookies, ["a=1; b=2; c=3"]);
        assert_eq!(head.headers[HOST], "login.example.test");
        let request = Request::get("/a").header(HOST, "other.example.test").header(COOKIE, "a=1");
        let (mut head, ()) = request.body(()).unwrap().into_parts();
        as_in_turn(&mut head);
        assert_eq!(head.headers[HOST], "other.example.test");
        assert_eq!(head.headers[COOKIE], "a=1");
    }
}
