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
use crate::service::{Caller, Origin};

/// What a handler is given.
pub struct Call {
    /// The installation.
    pub site: Arc<Site>,
    /// The operation being called.
    pub endpoint: Endpoint,
    /// Who calls; `None` only where [`Access`](super::route::Access) lets strangers in.
    pub caller: Option<Caller>,
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
        pair(self.query.as_bytes(), name)
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
        self.caller.as_ref().ok_or_else(Problem::internal)
    }
}

fn pair(encoded: &[u8], name: &str) -> Option<String> {
    form_urlencoded::parse(encoded).find(|(key, _)| key == name).map(|(_, value)| value.into_owned())
}
