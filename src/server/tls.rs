//! Transport security: the certificate in use, which may change while connections live, and the handshake.

use std::{
    io,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use arc_swap::ArcSwap;
use time::OffsetDateTime;
use tokio::time::timeout;
use tokio_rustls::{TlsAcceptor, server::TlsStream};

use super::{
    pair::{CertificateError, Look, Pair, Terms},
    socket::Socket,
};

/// The certificate that new connections are shown. Connections that live keep theirs.
pub struct Certificates {
    pair: Pair,
    current: ArcSwap<Terms>,
    /// How the files looked when they were last read, well or not.
    looked: Mutex<Look>,
}

impl Certificates {
    /// Reads the certificate (PEM; its own first, then those in between) and its private key (PEM).
    ///
    /// # Errors
    /// Which file can't be used, and why.
    pub fn load(certificate: &Path, key: &Path, now: OffsetDateTime) -> Result<Arc<Self>, CertificateError> {
        let pair = Pair { certificate: certificate.to_owned(), key: key.to_owned() };
        let looked = Mutex::new(pair.look());
        let current = ArcSwap::from_pointee(pair.read(now)?);
        Ok(Arc::new(Self { pair, current, looked }))
    }

    /// Reads the files again.
    ///
    /// # Errors
    /// Which file can't be used, and why; the certificate that was in use stays.
    pub fn reload(&self, now: OffsetDateTime) -> Result<(), CertificateError> {
        // Looked at before they are read: a change in between is seen the next time.
        *self.looked.lock().unwrap_or_else(PoisonError::into_inner) = self.pair.look();
        self.current.store(Arc::new(self.pair.read(now)?));
        Ok(())
    }

    /// Reads the files again if they changed since they were last read; whether they did.
    ///
    /// # Errors
    /// As [`reload`](Self::reload).
    pub fn refresh(&self, now: OffsetDateTime) -> Result<bool, CertificateError> {
        let changed = *self.looked.lock().unwrap_or_else(PoisonError::into_inner) != self.pair.look();
        if changed {
            self.reload(now)?;
        }
        Ok(changed)
    }

    /// The end of the validity of the certificate in use.
    pub fn until(&self) -> OffsetDateTime {
        self.current.load().until
    }

    /// The file with the certificate.
    pub fn file(&self) -> &PathBuf {
        &self.pair.certificate
    }

    /// Agrees with a client on protocol and keys, within a time.
    pub(super) async fn handshake(&self, socket: Socket, within: Duration) -> io::Result<TlsStream<Socket>> {
        let config = Arc::clone(&self.current.load().config);
        timeout(within, TlsAcceptor::from(config).accept(socket)).await?
    }
}

/// Whether the client chose HTTP/2 (ALPN, RFC 7301).
pub(super) fn chose_http2(stream: &TlsStream<Socket>) -> bool {
    stream.get_ref().1.alpn_protocol() == Some(b"h2")
}
