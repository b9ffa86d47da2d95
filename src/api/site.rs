//! What the API knows about the installation it serves.

use std::sync::Arc;

use http::{HeaderMap, HeaderValue, header};

use super::{choices::DialectChoices, look::Look, secrets::Keyring, table::RouteTable};
use crate::{
    domain::RefusedWords,
    ports::{Clock, Entropy, Mailbox},
    service::Services,
};

/// One installation: the use cases, and what the operator decided about how they are told.
pub struct Site {
    /// The use cases.
    pub services: Services,
    /// Every operation.
    pub table: RouteTable,
    /// The keys that sign sessions.
    pub secrets: Keyring,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// Chance.
    pub entropy: Arc<dyn Entropy>,
    /// How people reach the server, without a slash at the end; links and cookies follow it.
    pub public_url: String,
    /// The operator's name for the installation.
    pub instance: String,
    /// What nobody's password may be here.
    pub refused_words: RefusedWords,
    /// Other origins whose pages may use sessions.
    pub allowed_origins: Vec<String>,
    /// What browsers that came by TLS are told about it (RFC 6797), unless the operator wants nothing said.
    pub strict_transport: Option<HeaderValue>,
    /// How the operator wants the pages to look.
    pub look: Look,
    /// What the operator decided about each contract.
    pub dialects: DialectChoices,
    /// The development mailbox, where there is one.
    pub mailbox: Option<Arc<dyn Mailbox>>,
}

impl Site {
    /// Whether cookies go over TLS only.
    pub fn secure_cookies(&self) -> bool {
        self.public_url.starts_with("https:")
    }

    /// The request's `Origin`, if the operator allows it.
    pub fn allowed_origin(&self, headers: &HeaderMap) -> Option<HeaderValue> {
        let origin = headers.get(header::ORIGIN)?;
        self.allowed_origins
            .iter()
            .any(|allowed| allowed.as_bytes() == origin.as_bytes())
            .then(|| origin.clone())
    }
}
