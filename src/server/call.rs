//! One request on its way to warp and back: with its peer's address, within its time, and never without an answer.

use super::{
    Reception,
    activity::Activity,
    upload::{Awaited, Upload},
};
use crate::http::Peer;
use http::{HeaderValue, Request, StatusCode, Version, header::CONNECTION};
use hyper::{body::Incoming, service::Service};
use std::{
    convert::Infallible,
    future::poll_fn,
    net::SocketAddr,
    panic::{AssertUnwindSafe, catch_unwind},
    pin::{Pin, pin},
    sync::Arc,
    task::Poll,
    time::Duration,
};
use tokio::time::{error::Elapsed, timeout};
use warp::reply::Response;

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
    pub(super) peer: SocketAddr,
}

/// Answers one request. The returned future owns all it needs, so that HTTP/2 may run it in a task of its own.
pub(super) fn answer<S>(
    desk: Arc<Desk<S>>,
    request: Request<Incoming>,
) -> impl Future<Output = Result<Response, Infallible>> + Send + use<S>
where
    S: Service<Request<Upload>, Response = Response, Error = Infallible, Future: Send>
        + Send
        + Sync
        + 'static,
{
    let busy = desk.activity.call();
    async move {
        let Reception { service, limits, refuse } = &*desk.reception;
        let (version, uri) = (request.version(), request.uri().clone());
        let (head, body) = request.into_parts();
        let (body, awaited) = Upload::new(body);
        let mut request = Request::from_parts(head, body);
        request.extensions_mut().insert(Peer(desk.peer));
        let call = pin!(service.call(request));
        let outcome = in_time(limits.call_timeout, caught(call)).await;
        let failure = failure(&outcome, &awaited);
        let mut response = match (outcome, failure) {
            (Ok(Ok(response)), None) => response,
            (_, status) => refuse(uri.path(), status.unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)),
        };
        // What is left of a body after a failure is in nobody's hands; HTTP/2 has other means and forbids the header.
        if (failure.is_some() || desk.activity.closing()) && version < Version::HTTP_2 {
            response.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
        }
        drop(busy);
        Ok(response)
    }
}

/// As tokio's `timeout`, but without a timer for what is ready at once.
async fn in_time<T>(limit: Duration, mut work: impl Future<Output = T> + Unpin) -> Result<T, Elapsed> {
    match poll_fn(|cx| Poll::Ready(Pin::new(&mut work).poll(cx))).await {
        Poll::Ready(done) => Ok(done),
        Poll::Pending => timeout(limit, work).await,
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
