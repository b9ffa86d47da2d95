//! The ways a letter can leave: a mail relay, a folder, or memory.

mod absence;
mod credentials;
mod dialogue;
mod directory;
mod memory;
mod refused;
mod relays;
mod smtp;
mod tls;

use std::{fmt, path::Path, time::Duration};

pub use directory::Directory;
pub use memory::Memory;
pub use refused::{RelayRefused, TransportRefused};
pub use relays::Relays;
pub use smtp::Smtp;
use time::OffsetDateTime;

use super::{Letter, MailSettings, TransportKind};
use crate::ports::{Clock, Entropy};

/// One way out, chosen at the start.
pub enum Transport {
    /// Mail relays.
    Smtp(Relays),
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
            TransportKind::Smtp => Self::Smtp(Relays::open(settings)?),
            TransportKind::Directory => {
                Self::Directory(Directory::open(settings.directory.as_deref().unwrap_or(folder))?)
            }
        })
    }

    /// Hands one letter over. `Ok` means that somebody else answers for it now.
    ///
    /// # Errors
    /// [`DeliveryError`]: whether another try can help.
    pub async fn deliver(
        &self,
        letter: &Letter,
        clock: &dyn Clock,
        entropy: &dyn Entropy,
    ) -> Result<(), DeliveryError> {
        match self {
            Self::Smtp(relays) => relays.deliver(letter, clock, entropy).await,
            Self::Directory(directory) => directory.deliver(letter, clock, entropy).await,
            Self::Memory(memory) => memory.deliver(letter),
        }
    }

    /// How many letters can be handed over at the same time, of `wanted`: files are written one by one.
    pub fn lanes(&self, wanted: usize) -> usize {
        match self {
            Self::Smtp(_) => wanted.max(1),
            Self::Directory(_) | Self::Memory(_) => 1,
        }
    }

    /// Whether no relay was there the last time, and it is too early to ask again.
    pub fn is_held(&self, now: OffsetDateTime) -> bool {
        self.why_held(now).is_some()
    }

    /// Why no relay is asked now.
    pub fn why_held(&self, now: OffsetDateTime) -> Option<Reason> {
        match self {
            Self::Smtp(relays) => relays.why_held(now),
            Self::Directory(directory) => directory.why_held(now),
            Self::Memory(_) => None,
        }
    }

    /// Greets every relay up to AUTH and sends nothing; by its name, whether it would take letters.
    pub async fn greet(&self) -> Vec<(String, Result<(), Reason>)> {
        match self {
            Self::Smtp(relays) => relays.greet().await,
            Self::Directory(_) | Self::Memory(_) => Vec::new(),
        }
    }

    /// Closes connections that were not used for so long.
    pub async fn rest(&self, unused: Duration) {
        if let Self::Smtp(relays) = self {
            relays.rest(unused).await;
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
