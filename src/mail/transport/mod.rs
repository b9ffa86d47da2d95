//! The ways a letter can leave: a mail relay, a folder, or memory.

mod dialogue;
mod directory;
mod memory;
mod smtp;
mod tls;

use std::{
    fmt,
    path::{Path, PathBuf},
};

pub use directory::Directory;
pub use memory::Memory;
pub use smtp::Smtp;

use super::{Letter, MailSettings, TransportKind};

/// One way out, chosen at the start.
pub enum Transport {
    /// A mail relay.
    Smtp(Smtp),
    /// One file a letter.
    Directory(Directory),
    /// Kept for a test to read.
    Memory(Memory),
}

impl Transport {
    /// Prepares the way that the settings name; no relay is asked yet.
    ///
    /// `folder` is where letters become files unless the settings say otherwise.
    ///
    /// # Errors
    /// What of the settings can't be used.
    pub fn open(settings: &MailSettings, folder: &Path) -> Result<Self, TransportRefused> {
        Ok(match settings.transport {
            TransportKind::Smtp => Self::Smtp(Smtp::new(&settings.smtp)?),
            TransportKind::Directory => {
                Self::Directory(Directory::open(settings.directory.as_deref().unwrap_or(folder))?)
            }
        })
    }

    /// Hands one letter over. `Ok` means that somebody else answers for it now.
    ///
    /// # Errors
    /// [`DeliveryError`]: whether another try can help.
    pub async fn deliver(&self, letter: &Letter) -> Result<(), DeliveryError> {
        match self {
            Self::Smtp(relay) => relay.deliver(letter).await,
            Self::Directory(directory) => directory.deliver(letter).await,
            Self::Memory(memory) => memory.deliver(letter),
        }
    }

    /// Says that no letter follows for now: kept connections are closed.
    pub async fn rest(&self) {
        if let Self::Smtp(relay) = self {
            relay.rest().await;
        }
    }
}

/// Why a letter was not taken.
#[derive(Clone, Debug, thiserror::Error)]
pub enum DeliveryError {
    /// This letter, not now: another try can help.
    #[error("not now: {0}")]
    Temporary(Reason),
    /// This letter, never: it is not tried again.
    #[error("refused: {0}")]
    Permanent(Reason),
    /// No letter was even offered: nothing is held against this one, and the others can wait too.
    #[error("unreachable: {0}")]
    Unreachable(Reason),
}

impl DeliveryError {
    /// The reason in it.
    pub fn reason(&self) -> &Reason {
        match self {
            Self::Temporary(reason) | Self::Permanent(reason) | Self::Unreachable(reason) => reason,
        }
    }
}

/// A reason in two parts: one for logs, and what the other side said, which may name a person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reason {
    /// In our words, for example `RCPT was answered with 550`; nothing personal.
    pub what: String,
    /// In theirs; for the outbox, not for a log.
    pub said: Option<String>,
}

impl Reason {
    /// A reason in our own words.
    pub fn new(what: impl Into<String>) -> Self {
        Self { what: what.into(), said: None }
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.what)?;
        self.said.as_ref().map_or(Ok(()), |said| write!(f, ": {said}"))
    }
}

/// Why mail can't be set up as configured.
#[derive(Debug, thiserror::Error)]
pub enum TransportRefused {
    /// A folder or file named in the settings can't be used.
    #[error("{path}: {cause}")]
    File {
        /// Which one.
        path: PathBuf,
        /// What the system says.
        cause: std::io::Error,
    },
    /// The file with own roots holds no certificate.
    #[error("{0}: no certificate in PEM form in it")]
    NoCertificate(PathBuf),
    /// TLS can't be set up.
    #[error("TLS can't be set up: {0}")]
    Tls(String),
    /// A user name without a password, or the other way round, or both kinds of password.
    #[error("mail.smtp needs username together with one of password and password_file, or none of them")]
    Credentials,
    /// A password would be sent in the clear.
    #[error(
        "mail.smtp.security is none: a password would go over the network in the clear; use starttls or tls"
    )]
    PlainPassword,
    /// A text with control characters, or an empty one.
    #[error("mail.smtp.{0} is empty or holds control characters")]
    Text(&'static str),
}

impl TransportRefused {
    fn file(path: &Path, cause: std::io::Error) -> Self {
        Self::File { path: path.to_owned(), cause }
    }
}
