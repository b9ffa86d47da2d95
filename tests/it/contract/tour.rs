//! The tour of a dialect: every status that its documents promise is provoked over HTTP, and answers as its example
//! says.
//!
//! An example of a request and an example of an answer with one name belong together: the one is sent, the other must
//! come back. What else a name asks for is done to the [`Request`], to the server ([`super::state`]) or, where only
//! one contract knows it, by the dialect's own tour.

use futures_util::{StreamExt as _, stream};
use serde_json::Value;

use super::{
    document::{Document, Operation, documents_of},
    request::Request,
    wire::Answer,
};

/// That an operation answers with a status as an example shows.
#[derive(Clone, Copy)]
pub struct Promise {
    pub operation: Operation,
    pub status: u16,
    /// The example's.
    pub name: &'static str,
    example: &'static Value,
}

/// What a document promises; where a status has no body, there is one that is called `notModified`.
pub fn promises(document: &'static Document) -> impl Iterator<Item = Promise> {
    document.operations().flat_map(|operation| {
        operation.statuses().flat_map(move |status| {
            let bodiless = operation.response(status).is_some_and(|carrier| carrier.get("content").is_none());
            let bodiless = bodiless.then_some(("notModified", &Value::Null));
            let examples = operation.response_examples(status).chain(bodiless);
            examples.map(move |(name, example)| Promise { operation, status, name, example })
        })
    })
}

/// Visits the promises of a dialect, some at once; `visit` says what is wrong with one.
pub async fn tour<V: Future<Output = Option<String>>>(dialect: &str, visit: impl Fn(Promise) -> V) {
    let visits = stream::iter(documents_of(dialect).flat_map(promises)).map(visit);
    all_kept(visits.buffer_unordered(4).filter_map(std::future::ready).collect().await);
}

/// Fails the test if a promise was broken.
pub fn all_kept(broken: Vec<String>) {
    assert!(broken.is_empty(), "{} promises are not kept:\n{}", broken.len(), broken.join("\n"));
}

impl Promise {
    /// Sends the request that the promise is about, and says what is wrong with the answer. `masked` hides what no
    /// two runs have in common.
    pub async fn broken_by(self, request: Request, masked: fn(Value) -> Value) -> Option<String> {
        let wanted = masked(self.example_at(&request.place)).to_string();
        let answer = request.send().await;
        let came = masked(shown(&answer)).to_string();
        (answer.status != self.status || came != wanted).then(|| {
            let Operation { document, id, .. } = self.operation;
            let (name, status) = (self.name, self.status);
            format!("{}: {id} ({name}): {status} {wanted}, but {} {came} came", document.name, answer.status)
        })
    }

    /// The example, where it names the path of another operation: one that all share names that of the first.
    fn example_at(self, place: &str) -> Value {
        let first = self.operation.document.operations().next().expect("an operation").path;
        let text = self.example.to_string().replace(&format!("{first}'"), &format!("{place}'"));
        serde_json::from_str(&text).expect("as much JSON as before")
    }
}

/// What came, as JSON or as the text that it is; null where nothing came.
fn shown(answer: &Answer) -> Value {
    if answer.body.is_empty() {
        return Value::Null;
    }
    let text = String::from_utf8_lossy(&answer.body);
    serde_json::from_str(&text).unwrap_or_else(|_| Value::from(text))
}
