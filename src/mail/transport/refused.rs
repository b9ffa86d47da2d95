//! Why mail can't leave as configured, said by the setting that is to blame.

use std::{
    io,
    path::{Path, PathBuf},
};

/// What of `[mail]` can't be used.
#[derive(Debug, thiserror::Error)]
pub enum TransportRefused {
    /// The folder for letters can't be made.
    #[error("mail.directory: {path} can't be made: {cause}")]
    Directory {
        /// Which one.
        path: PathBuf,
        /// What the system says.
        cause: io::Error,
    },
    /// Both ways to name relays at once.
    #[error("mail.smtp describes one relay and [[mail.relay]] several: use one of them")]
    TwoWays,
    /// A relay can't be used.
    #[error("{section}.{cause}")]
    Relay {
        /// Where it stands: `mail.smtp` or `mail.relay`.
        section: &'static str,
        /// Why.
        cause: RelayRefused,
    },
}

/// What of a relay's section can't be used. The words begin with the setting's name in that section.
#[derive(Debug, thiserror::Error)]
pub enum RelayRefused {
    /// A file can't be read.
    #[error("{key}: {path} can't be read: {cause}")]
    File {
        /// The setting that names it.
        key: &'static str,
        /// Which one.
        path: PathBuf,
        /// What the system says.
        cause: io::Error,
    },
    /// The file with own roots holds no certificate.
    #[error("root_certificates: {0} holds no certificate in PEM form")]
    NoCertificate(PathBuf),
    /// TLS can't be set up.
    #[error("{key} can't be used for TLS: {cause}")]
    Tls {
        /// The setting that is to blame.
        key: &'static str,
        /// What the TLS library says.
        cause: String,
    },
    /// A user name without a password, or the other way round, or both kinds of password.
    #[error("username goes together with one of password and password_file: set both or none")]
    Credentials,
    /// A password would be sent in the clear.
    #[error("security is none: a password would go over the network in the clear; use starttls or tls")]
    PlainPassword,
    /// A text with control characters, or an empty one; by the setting that it comes from.
    #[error("{0} is empty or holds control characters")]
    Text(&'static str),
}

impl RelayRefused {
    /// For a file that the setting names.
    pub(super) fn file(key: &'static str, path: &Path, cause: io::Error) -> Self {
        Self::File { key, path: path.to_owned(), cause }
    }

    /// For TLS, where the setting is to blame.
    pub(super) fn tls(key: &'static str, cause: impl ToString) -> Self {
        Self::Tls { key, cause: cause.to_string() }
    }
}
