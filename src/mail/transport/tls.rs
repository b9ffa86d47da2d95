//! TLS towards a relay: whom to trust, and a stream that the SMTP client takes.

use std::{
    fs, io,
    net::SocketAddr,
    path::Path,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
};

use lettre::transport::smtp::client::{AsyncTokioStream, Certificate, CertificateStore, TlsParameters};
use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    net::TcpStream,
};
use tokio_rustls::{
    TlsConnector,
    client::TlsStream,
    rustls::{
        ClientConfig, RootCertStore,
        crypto::ring,
        pki_types::{CertificateDer, ServerName, pem::PemObject as _},
    },
};

use super::RelayRefused;

/// Trust in the public roots and the operator's own.
pub(super) struct Trust {
    host: String,
    own_roots: Vec<CertificateDer<'static>>,
}

impl Trust {
    /// Reads the operator's roots, if there are any. `host` is the name that a certificate must bear.
    pub(super) fn new(host: &str, own_roots: Option<&Path>) -> Result<Self, RelayRefused> {
        let own_roots = own_roots.map(read_certificates).transpose()?.unwrap_or_default();
        Ok(Self { host: host.to_owned(), own_roots })
    }

    /// For STARTTLS, which the SMTP client does itself.
    pub(super) fn parameters(&self) -> Result<TlsParameters, RelayRefused> {
        let mut builder =
            TlsParameters::builder(self.host.clone()).certificate_store(CertificateStore::WebpkiRoots);
        for root in &self.own_roots {
            let root = Certificate::from_der(root.to_vec())
                .map_err(|cause| RelayRefused::tls("root_certificates", cause))?;
            builder = builder.add_root_certificate(root);
        }
        builder.build().map_err(|cause| RelayRefused::tls("root_certificates", cause))
    }

    /// For TLS from the first byte.
    pub(super) fn connector(&self) -> Result<Connector, RelayRefused> {
        let mut roots = RootCertStore { roots: webpki_roots::TLS_SERVER_ROOTS.to_vec() };
        for root in &self.own_roots {
            roots.add(root.clone()).map_err(|cause| RelayRefused::tls("root_certificates", cause))?;
        }
        let config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()
            .map_err(|cause| RelayRefused::tls("security", cause))?
            .with_root_certificates(roots)
            .with_no_client_auth();
        let host =
            ServerName::try_from(self.host.clone()).map_err(|cause| RelayRefused::tls("host", cause))?;
        Ok(Connector { connector: TlsConnector::from(Arc::new(config)), host })
    }
}

fn read_certificates(path: &Path) -> Result<Vec<CertificateDer<'static>>, RelayRefused> {
    let pem = fs::read(path).map_err(|cause| RelayRefused::file("root_certificates", path, cause))?;
    let certificates = CertificateDer::pem_slice_iter(&pem).collect::<Result<Vec<_>, _>>();
    match certificates {
        Ok(certificates) if !certificates.is_empty() => Ok(certificates),
        _ => Err(RelayRefused::NoCertificate(path.to_owned())),
    }
}

/// Wraps connections in TLS from the first byte.
pub(super) struct Connector {
    connector: TlsConnector,
    host: ServerName<'static>,
}

impl Connector {
    pub(super) async fn wrap(&self, stream: TcpStream) -> io::Result<Sealed> {
        Ok(Sealed(self.connector.connect(self.host.clone(), stream).await?))
    }
}

/// A TLS stream of our own, so that the socket under it has no delay.
#[derive(Debug)]
pub(super) struct Sealed(TlsStream<TcpStream>);

impl AsyncTokioStream for Sealed {
    fn peer_addr(&self) -> io::Result<SocketAddr> {
        self.0.get_ref().0.peer_addr()
    }
}

impl AsyncRead for Sealed {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_read(context, buffer)
    }
}

impl AsyncWrite for Sealed {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.0).poll_write(context, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_shutdown(context)
    }
}
