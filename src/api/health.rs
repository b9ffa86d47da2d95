//! `/healthz` and `/readyz`: for load balancers that ask on the listener they send requests to. What is wrong is told
//! on the listener of those who watch only.

use bytes::Bytes;
use http::header;

use super::{
    call::Call,
    dialect::{Dialect, nobody_at_all},
    problem::Problem,
    reply::{Outcome, Reply, Wire, fixed},
    route::{Access::Public, Route, route},
    version::ApiVersion,
};

/// The dialect.
pub static DIALECT: Dialect = Dialect {
    name: "health",
    homes: &["/healthz", "/readyz"],
    mount: |_| String::new(),
    versions: &[V1],
    routes: ROUTES,
    identify: nobody_at_all,
    nobody: || Problem::unauthorized("nobody signs in here"),
    render,
    missing: |_| Problem::not_found("there are /healthz and /readyz"),
};

const V1: ApiVersion = ApiVersion::new(1, 0);

const ROUTES: &[Route] = &[
    route!(Get "healthz", since V1, Public, "alive" => alive),
    route!(Get "readyz", since V1, Public, "ready" => ready),
];

/// Whoever can answer is alive.
async fn alive(_: Call) -> Result<Reply, Problem> {
    Ok(Reply::note("alive"))
}

async fn ready(call: Call) -> Result<Reply, Problem> {
    let unready = |_| Problem { text: "not ready".to_owned(), ..Problem::unavailable() };
    call.site.services.readiness.ask().await.map_err(unready)?;
    Ok(Reply::note("ready"))
}

fn render(outcome: Outcome<'_>) -> Wire {
    let mut headers =
        fixed([(header::CONTENT_TYPE, "text/plain; charset=utf-8"), (header::CACHE_CONTROL, "no-store")]);
    let (status, text) = match outcome.result {
        Ok(Reply { status, note, headers: more, .. }) => {
            headers.extend(more);
            (status, note)
        }
        Err(problem) => {
            problem.replace_headers(&mut headers);
            (problem.status, Some(problem.text))
        }
    };
    let body = text.map_or(Bytes::new(), |line| Bytes::from(line + "\n"));
    if body.is_empty() {
        headers.remove(header::CONTENT_TYPE);
    }
    Wire { status, headers, body }
}
