//! One line in the log and one count for each request, whatever became of it.

use std::time::{Duration, Instant};

use hyper::body::Body as _;
use warp::{
    http::{Method, header},
    reply::Response,
};

use super::request_name::RequestName;
use crate::api::{site::Site, tally::HUNG_UP};

/// A request from when it was understood until it is answered. Dropped before that, it was abandoned: the client hung
/// up, or the listener answered in its place because it took too long.
pub(super) struct Seen<'a> {
    site: &'a Site,
    place: usize,
    method: Method,
    name: RequestName,
    since: Instant,
    answered: bool,
}

impl<'a> Seen<'a> {
    /// A request for a place of the table, with the moment when it was understood.
    pub(super) fn named(
        site: &'a Site,
        place: usize,
        method: Method,
        name: RequestName,
        since: Instant,
    ) -> Self {
        Self { site, place, method, name, since, answered: false }
    }

    /// What the request is called.
    pub(super) fn name(&self) -> &RequestName {
        &self.name
    }

    /// Since when it is being answered.
    pub(super) fn took(&self) -> Duration {
        self.since.elapsed()
    }

    /// Names the answer, counts it, and writes its line.
    pub(super) fn answered(mut self, response: Response) -> Response {
        self.answered = true;
        let response = self.name.on(response);
        self.note(response.status().as_u16(), Some(length(&response)));
        response
    }

    /// Counts the request and writes its line; not for load balancers that were answered, who ask all the time. A
    /// request that was given up has no bytes.
    fn note(&self, status: u16, bytes: Option<u64>) {
        let took = self.took();
        self.site.table.tally.note(self.place, status, took);
        let place = &self.site.table.places()[self.place];
        if place.is_probe() && bytes.is_some() {
            return;
        }
        tracing::info!(
            target: "latchkey::access",
            message = bytes.is_none().then_some("given up before it was answered"),
            method = method(&self.method),
            path = place.pattern,
            dialect = place.dialect,
            version = place.version,
            operation = place.operation,
            status,
            ms = milliseconds(took),
            bytes,
            request_id = self.name.id(),
            trace_id = self.name.trace(),
        );
    }
}

impl Drop for Seen<'_> {
    fn drop(&mut self) {
        if !self.answered {
            self.note(HUNG_UP, None);
        }
    }
}

/// A method that anybody knows; strangers don't get words of their own into the log.
fn method(method: &Method) -> &'static str {
    const KNOWN: [(Method, &str); 9] = [
        (Method::GET, "GET"),
        (Method::HEAD, "HEAD"),
        (Method::POST, "POST"),
        (Method::PUT, "PUT"),
        (Method::DELETE, "DELETE"),
        (Method::OPTIONS, "OPTIONS"),
        (Method::PATCH, "PATCH"),
        (Method::CONNECT, "CONNECT"),
        (Method::TRACE, "TRACE"),
    ];
    KNOWN.iter().find(|(known, _)| known == method).map_or("other", |(_, name)| name)
}

fn milliseconds(took: Duration) -> f64 {
    // To the microsecond: more digits would say nothing.
    (took.as_secs_f64() * 1e6).round() / 1e3
}

/// Bytes of the body as they go out.
fn length(response: &Response) -> u64 {
    let said = response.headers().get(header::CONTENT_LENGTH).and_then(|value| value.to_str().ok());
    let said = said.and_then(|text| text.parse().ok());
    said.or_else(|| response.body().size_hint().exact()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_method_of_a_strangers_own_making_is_not_written_down() {
        assert_eq!(method(&Method::PUT), "PUT");
        assert_eq!(method(&Method::from_bytes(b"HELLO").unwrap()), "other");
    }

    #[test]
    fn times_are_cut_to_the_microsecond() {
        assert_eq!(milliseconds(Duration::from_nanos(1_234_567)), 1.235);
    }
}
