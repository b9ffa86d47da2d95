//! What a handler answers, before and after its dialect puts it in an envelope.

use std::time::Duration;

use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use serde::Serialize;
use time::OffsetDateTime;

use super::{
    json,
    long::{Long, Written},
    problem::Problem,
    site::Site,
};
use crate::{
    domain::SessionToken,
    service::{Caller, SignedIn},
};

/// A success, not yet worded for the wire.
pub struct Reply {
    pub(crate) status: StatusCode,
    pub(crate) content: Content,
    pub(crate) note: Option<String>,
    pub(crate) warns: bool,
    pub(crate) session: SessionChange,
    pub(crate) headers: HeaderMap,
}

/// What a reply shows.
pub enum Content {
    /// Nothing beside its sentence.
    Nothing,
    /// JSON that goes into the envelope.
    View(Vec<u8>),
    /// JSON or another file that goes out as it is, where the contract has no envelope.
    Bare(Vec<u8>),
    /// JSON that goes out as it is, and is kept packed until then: only its digest is the dialect's business.
    Long(Long),
    /// A page or another finished text.
    Page(String),
}

/// What a reply does to the caller's session.
pub enum SessionChange {
    /// Nothing: a live session is renewed.
    None,
    /// One was opened; the client gets the cookie, and the access token if the contract hands it out.
    Opened {
        /// The new session.
        signed_in: SignedIn,
        /// Whether the access token goes with it.
        with_access_token: bool,
    },
    /// It was ended; the client's cookies go.
    Ended,
}

impl Reply {
    fn of(content: Content) -> Self {
        Self {
            status: StatusCode::OK,
            content,
            note: None,
            warns: false,
            session: SessionChange::None,
            headers: HeaderMap::new(),
        }
    }

    /// A success that only says something.
    pub fn note(text: impl Into<String>) -> Self {
        Self { note: Some(text.into()), ..Self::of(Content::Nothing) }
    }

    /// A success that shows something in the envelope.
    ///
    /// # Errors
    /// A 500 when the view can't be written as JSON, which is a defect.
    pub fn view(view: &impl Serialize) -> Result<Self, Problem> {
        Ok(Self::of(Content::View(json::write(view)?)))
    }

    /// A success that shows something without an envelope.
    ///
    /// # Errors
    /// As [`Reply::view`].
    pub fn bare(view: &impl Serialize) -> Result<Self, Problem> {
        Ok(Self::of(Content::Bare(json::write(view)?)))
    }

    /// A success with a body that was written piece by piece, envelope and line feed included.
    pub fn written(body: Written) -> Self {
        Self::of(match body {
            // The envelope ends bare JSON with a line feed itself.
            Written::Short(mut json) => {
                json.pop_if(|last| *last == b'\n');
                Content::Bare(json)
            }
            Written::Long(long) => Content::Long(long),
        })
    }

    /// The packed body, if it has one.
    pub(crate) fn long(&self) -> Option<&Long> {
        match &self.content {
            Content::Long(long) => Some(long),
            Content::Nothing | Content::View(_) | Content::Bare(_) | Content::Page(_) => None,
        }
    }

    /// A file that goes out as it is.
    pub fn file(bytes: Vec<u8>) -> Self {
        Self::of(Content::Bare(bytes))
    }

    /// A page.
    pub fn page(text: String) -> Self {
        Self::of(Content::Page(text))
    }

    /// A success without a body: the answer to a preflight.
    pub fn nothing() -> Self {
        Self { status: StatusCode::NO_CONTENT, ..Self::of(Content::Nothing) }
    }

    /// Says something beside what it shows.
    pub fn saying(mut self, text: impl Into<String>) -> Self {
        self.note = Some(text.into());
        self
    }

    /// Warns of something beside what it shows.
    pub fn warning(self, text: impl Into<String>) -> Self {
        Self { warns: true, ..self.saying(text) }
    }

    /// Changes the caller's session.
    pub fn changing(mut self, session: SessionChange) -> Self {
        self.session = session;
        self
    }

    /// Has another status.
    pub fn with_status(mut self, status: StatusCode) -> Self {
        self.status = status;
        self
    }

    /// Adds a header.
    pub fn with(mut self, name: HeaderName, value: HeaderValue) -> Self {
        self.headers.insert(name, value);
        self
    }
}

/// All that a dialect needs to word an answer.
pub struct Outcome<'a> {
    /// The installation.
    pub site: &'a Site,
    /// What the handler, or whoever stopped the request before it, said.
    pub result: Result<Reply, Problem>,
    /// Who calls, if anybody is signed in.
    pub caller: Option<&'a Caller>,
    /// The session to renew, if the caller has one.
    pub renewal: Option<Renewal>,
    /// The request's `Origin`, if it is another site that the operator allows.
    pub allowed_origin: Option<HeaderValue>,
    /// The request's `X-Request-Id` as it came, or else the name that it was given; nothing where neither is known.
    pub request_id: &'a [u8],
    /// How long the answer took so far.
    pub took: Duration,
}

/// A live session that gets more time with this answer.
pub struct Renewal {
    /// The session's secret, as it came.
    pub token: SessionToken,
    /// Whether it came inside an access token, which is renewed with it then.
    pub in_access_token: bool,
    /// The holder's present user name.
    pub username: String,
    /// When the session now ends.
    pub good_until: OffsetDateTime,
}

/// Headers that a contract has with every answer.
pub(crate) fn fixed<const N: usize>(headers: [(HeaderName, &'static str); N]) -> HeaderMap {
    headers.into_iter().map(|(name, value)| (name, HeaderValue::from_static(value))).collect()
}

/// An answer as it goes out.
pub struct Wire {
    /// The HTTP status.
    pub status: StatusCode,
    /// Every header but `Date`, `Content-Length` and `Content-Encoding`.
    pub headers: HeaderMap,
    /// The body, uncompressed.
    pub body: Bytes,
}
