//! `[tls]`: the listener's certificate.

use std::path::{Path, PathBuf};

use anyhow::bail;
use serde::Deserialize;

/// `[tls]`: with it, ports speak TLS 1.2 and 1.3, and HTTP/2 beside HTTP/1.1.
#[derive(Clone, Default, Deserialize)]
#[cfg_attr(test, derive(PartialEq))]
#[serde(deny_unknown_fields, default)]
pub struct TlsSettings {
    /// PEM file with the certificate, its own first, then those in between.
    pub certificate: Option<PathBuf>,
    /// PEM file with the private key (PKCS#8, PKCS#1 or SEC1), not encrypted, readable by latchkey only.
    pub key: Option<PathBuf>,
}

impl TlsSettings {
    /// Both files, or none.
    ///
    /// # Errors
    /// One without the other.
    pub fn pair(&self) -> anyhow::Result<Option<(&Path, &Path)>> {
        match (&self.certificate, &self.key) {
            (Some(certificate), Some(key)) => Ok(Some((certificate, key))),
            (None, None) => Ok(None),
            (Some(_), None) => bail!("tls.certificate is set and tls.key is not"),
            (None, Some(_)) => bail!("tls.key is set and tls.certificate is not"),
        }
    }
}
