//! A matched, admitted request, ready for its handler.

use std::sync::Arc;

use bytes::Bytes;
use http::HeaderMap;

use super::{
    fields::{Fields, Misread},
    problem::Problem,
    site::Site,
    table::Endpoint,
};
use crate::service::{Caller, Errand, LogWords, Origin};

/// What a handler is given.
pub struct Call {
    /// The installation.
    pub site: Arc<Site>,
    /// The operation being called.
    pub endpoint: Endpoint,
    /// Who calls; `None` only where [`Access`](super::route::Access) lets strangers in.
    pub caller: Option<Arc<Caller>>,
    /// Where the request came from.
    pub origin: Origin,
    pub(crate) params: Vec<(String, String)>,
    pub(crate) headers: HeaderMap,
    pub(crate) query: String,
    pub(crate) body: Bytes,
}

impl Call {
    /// Reads the body as a JSON object.
    ///
    /// # Errors
    /// What the body is instead, in words for the client.
    pub fn fields(&self) -> Result<Fields, Misread> {
        Fields::read(&self.body)
    }

    /// A parameter of the query. The first of several counts.
    pub fn query(&self, name: &str) -> Option<String> {
        parameter(&self.query, name)
    }

    /// A parameter of the path.
    pub fn param(&self, name: &str) -> Option<&str> {
        self.params.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    /// The caller, where the row requires one.
    ///
    /// # Errors
    /// A 500 where the row doesn't, which is a defect.
    pub fn caller(&self) -> Result<&Caller, Problem> {
        self.caller.as_deref().ok_or_else(Problem::internal)
    }

    /// The caller's authority, for a use case that puts down who did it, in these words.
    ///
    /// # Errors
    /// As [`caller`](Self::caller).
    pub fn errand(&self, words: LogWords) -> Result<Errand<'_>, Problem> {
        Ok(Errand::of_caller(self.caller()?, words, &self.origin))
    }
}

/// A parameter of a query. The first of several counts.
pub(super) fn parameter(query: &str, name: &str) -> Option<String> {
    form_urlencoded::parse(query.as_bytes()).find(|(key, _)| key == name).map(|(_, value)| value.into_owned())
}
