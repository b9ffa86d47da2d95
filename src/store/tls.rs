//! TLS towards PostgreSQL: how much of its certificate is looked at, and by which roots it is judged.

use std::{fs, path::Path, str::FromStr, sync::Arc};

use serde::Deserialize;
use tokio_postgres::config::SslMode;
use tokio_postgres_rustls::MakeRustlsConnect;
use tokio_rustls::rustls::{
    CertificateError, ClientConfig, DigitallySignedStruct, Error as TlsFault, RootCertStore, SignatureScheme,
    client::{
        WebPkiServerVerifier,
        danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier},
    },
    crypto::{CryptoProvider, ring, verify_tls12_signature, verify_tls13_signature},
    pki_types::{CertificateDer, ServerName, UnixTime, pem::PemObject as _},
};

use super::route::RouteError;

/// How far a connection is protected, in the words of PostgreSQL's own clients (`sslmode`).
#[derive(Clone, Copy, Debug, Default, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "kebab-case")]
pub enum TlsMode {
    /// In the clear.
    #[serde(alias = "off")]
    Disable,
    /// Encrypted if the server can, in the clear otherwise; no certificate is judged.
    #[default]
    Prefer,
    /// Encrypted; the certificate is judged only where roots are given.
    Require,
    /// Encrypted, with a certificate by one of the roots, for whatever name.
    VerifyCa,
    /// Encrypted, with a certificate by one of the roots, for the name that was connected to.
    VerifyFull,
}

impl TlsMode {
    /// The word for it in a connection string.
    pub fn word(self) -> &'static str {
        match self {
            Self::Disable => "disable",
            Self::Prefer => "prefer",
            Self::Require => "require",
            Self::VerifyCa => "verify-ca",
            Self::VerifyFull => "verify-full",
        }
    }

    /// What the driver is told; it knows nothing of certificates.
    pub(super) fn for_the_driver(self) -> SslMode {
        match self {
            Self::Disable => SslMode::Disable,
            Self::Prefer => SslMode::Prefer,
            Self::Require | Self::VerifyCa | Self::VerifyFull => SslMode::Require,
        }
    }
}

impl FromStr for TlsMode {
    type Err = RouteError;

    fn from_str(word: &str) -> Result<Self, RouteError> {
        let modes = [Self::Disable, Self::Prefer, Self::Require, Self::VerifyCa, Self::VerifyFull];
        let known = modes.into_iter().find(|mode| mode.word() == word);
        known.ok_or_else(|| RouteError::UnknownMode(word.to_owned()))
    }
}

/// What wraps connections. Without roots of the operator's own the public ones count.
pub(super) fn connector(mode: TlsMode, roots: Option<&Path>) -> Result<MakeRustlsConnect, RouteError> {
    let provider = Arc::new(ring::default_provider());
    let tls = |cause: &dyn std::fmt::Display| RouteError::Tls(cause.to_string());
    let judged = match mode {
        TlsMode::VerifyCa | TlsMode::VerifyFull => true,
        TlsMode::Require => roots.is_some(),
        TlsMode::Disable | TlsMode::Prefer => false,
    };
    let chain = match judged {
        true => {
            let trusted = Arc::new(trusted(roots)?);
            let judge = WebPkiServerVerifier::builder_with_provider(trusted, provider.clone()).build();
            Some(judge.map_err(|cause| tls(&cause))?)
        }
        false => None,
    };
    let builder = ClientConfig::builder_with_provider(provider.clone())
        .with_safe_default_protocol_versions()
        .map_err(|cause| tls(&cause))?;
    let config = match (mode, chain) {
        (TlsMode::VerifyFull, Some(judge)) => builder.with_webpki_verifier(judge),
        (_, chain) => {
            builder.dangerous().with_custom_certificate_verifier(Arc::new(Lenient { chain, provider }))
        }
    };
    Ok(MakeRustlsConnect::new(config.with_no_client_auth()))
}

fn trusted(own: Option<&Path>) -> Result<RootCertStore, RouteError> {
    let Some(path) = own else {
        return Ok(RootCertStore { roots: webpki_roots::TLS_SERVER_ROOTS.to_vec() });
    };
    let unreadable = |cause: &dyn std::fmt::Display| RouteError::Roots(path.into(), cause.to_string());
    let pem = fs::read(path).map_err(|cause| unreadable(&cause))?;
    let mut roots = RootCertStore::empty();
    for certificate in CertificateDer::pem_slice_iter(&pem) {
        let certificate = certificate.map_err(|cause| unreadable(&cause))?;
        roots.add(certificate).map_err(|cause| unreadable(&cause))?;
    }
    match roots.is_empty() {
        true => Err(unreadable(&"it holds no certificate")),
        false => Ok(roots),
    }
}

/// Judges less than a browser would: the chain but no name, or only that the peer holds the key it shows.
#[derive(Debug)]
struct Lenient {
    chain: Option<Arc<WebPkiServerVerifier>>,
    provider: Arc<CryptoProvider>,
}

impl ServerCertVerifier for Lenient {
    fn verify_server_cert(
        &self,
        certificate: &CertificateDer<'_>,
        between: &[CertificateDer<'_>],
        name: &ServerName<'_>,
        stapled: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, TlsFault> {
        let Some(chain) = &self.chain else { return Ok(ServerCertVerified::assertion()) };
        match chain.verify_server_cert(certificate, between, name, stapled, now) {
            Err(TlsFault::InvalidCertificate(
                CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. },
            )) => Ok(ServerCertVerified::assertion()),
            judged => judged,
        }
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, TlsFault> {
        let known = &self.provider.signature_verification_algorithms;
        verify_tls12_signature(message, certificate, signature, known)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, TlsFault> {
        let known = &self.provider.signature_verification_algorithms;
        verify_tls13_signature(message, certificate, signature, known)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.provider.signature_verification_algorithms.supported_schemes()
    }
}
