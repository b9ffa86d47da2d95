//! A failure as the API tells it: a status and a sentence, never a cause.

use http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};

use super::fields::Misread;
use crate::service::Fault;

/// What went wrong, in words fit for a stranger.
#[derive(Debug)]
pub struct Problem {
    /// The HTTP status.
    pub status: StatusCode,
    /// The sentence.
    pub text: String,
    /// Headers that go with it: `Allow`, `Retry-After`. A list: a map would make every outcome twice as large.
    pub headers: Vec<(HeaderName, HeaderValue)>,
    /// The contract's own name for it, where the contract names its failures.
    pub code: Option<&'static str>,
}

impl Problem {
    /// A problem with its own status and sentence.
    pub fn new(status: StatusCode, text: impl Into<String>) -> Self {
        Self { status, text: text.into(), headers: Vec::new(), code: None }
    }

    /// 400: the request can't be understood or breaks a rule.
    pub fn bad_request(text: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, text)
    }

    /// 401: nobody is signed in.
    pub fn unauthorized(text: impl Into<String>) -> Self {
        Self::new(StatusCode::UNAUTHORIZED, text)
    }

    /// 403: somebody is signed in and may not.
    pub fn forbidden(text: impl Into<String>) -> Self {
        Self::new(StatusCode::FORBIDDEN, text)
    }

    /// 404: what the request names isn't there.
    pub fn not_found(text: impl Into<String>) -> Self {
        Self::new(StatusCode::NOT_FOUND, text)
    }

    /// 405: the path takes other methods, named in `Allow`.
    pub fn wrong_method(path: &str, allow: HeaderValue) -> Self {
        let text = format!("The requested path '{path}' does not take this method.");
        Self::new(StatusCode::METHOD_NOT_ALLOWED, text).with(header::ALLOW, allow)
    }

    /// 503: worth another try in a few seconds.
    pub fn unavailable() -> Self {
        Self::new(StatusCode::SERVICE_UNAVAILABLE, "Service Unavailable")
            .with(header::RETRY_AFTER, HeaderValue::from_static("2"))
    }

    /// 429: too many attempts; the next may come after so many seconds.
    pub fn throttled(seconds: u32) -> Self {
        let text = "Too many attempts. Try again later.";
        Self::new(StatusCode::TOO_MANY_REQUESTS, text).with(header::RETRY_AFTER, HeaderValue::from(seconds))
    }

    /// 500: a defect, told in one sentence.
    pub fn internal() -> Self {
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, "Internal Server Error")
    }

    /// Bears a name of the contract's.
    pub fn coded(mut self, code: &'static str) -> Self {
        self.code = Some(code);
        self
    }

    /// Adds a header.
    pub fn with(mut self, name: HeaderName, value: HeaderValue) -> Self {
        self.headers.push((name, value));
        self
    }

    /// Its headers, each in the place of a standard one of the same name.
    pub(crate) fn replace_headers(&self, standard: &mut HeaderMap) {
        for (name, value) in &self.headers {
            standard.insert(name, value.clone());
        }
    }
}

/// A body that can't be read is the client's fault, and is told so where the contract has no words of its own for it.
impl From<Misread> for Problem {
    fn from(misread: Misread) -> Self {
        Self::bad_request(misread.to_string())
    }
}

/// Faults sound alike in every dialect: the database's absence is 503, too many attempts 429, a defect 500 (DESIGN
/// section 6).
impl From<Fault> for Problem {
    fn from(fault: Fault) -> Self {
        match fault {
            Fault::Unavailable | Fault::Overloaded => Self::unavailable(),
            Fault::Throttled { seconds } => Self::throttled(seconds),
            Fault::Broken => Self::internal(),
        }
    }
}
