//! A certificate and its key as they lie on the disk, read and held against each other.

use std::{
    fs, io,
    os::unix::fs::{MetadataExt, PermissionsExt},
    path::{Path, PathBuf},
    sync::Arc,
};
use time::OffsetDateTime;
use tokio_rustls::rustls::{
    self, ServerConfig,
    crypto::ring,
    pki_types::{CertificateDer, PrivateKeyDer, pem, pem::PemObject},
};
use tracing::warn;
use zeroize::Zeroizing;

/// What is wrong with a certificate, and in which file.
#[derive(Debug, thiserror::Error)]
pub enum CertificateError {
    /// A file can't be read.
    #[error("{} can't be read: {fault}", file.display())]
    Unreadable {
        /// Which.
        file: PathBuf,
        /// Why.
        fault: io::Error,
    },
    /// A file is not PEM.
    #[error("{} is no PEM file: {fault}", file.display())]
    NotPem {
        /// Which.
        file: PathBuf,
        /// Where it breaks off.
        fault: pem::Error,
    },
    /// A file holds something else.
    #[error("{} holds no certificate (-----BEGIN CERTIFICATE-----)", .0.display())]
    NoCertificate(PathBuf),
    /// A file holds something else.
    #[error("{} holds no private key that is not encrypted (PKCS#8, PKCS#1 or SEC1, in PEM)", .0.display())]
    NoKey(PathBuf),
    /// The certificate's insides are broken.
    #[error("the first certificate in {} is damaged", .0.display())]
    Damaged(PathBuf),
    /// The two do not belong together.
    #[error("the key in {} does not match the first certificate in {}", key.display(), certificate.display())]
    Mismatch {
        /// The certificate's file.
        certificate: PathBuf,
        /// The key's file.
        key: PathBuf,
    },
    /// The certificate's time is over.
    #[error("the first certificate in {} expired on {until}", file.display())]
    Expired {
        /// Which.
        file: PathBuf,
        /// When.
        until: OffsetDateTime,
    },
    /// The TLS library can't use the two.
    #[error("{} and {} can't be used: {fault}", certificate.display(), key.display())]
    Unusable {
        /// The certificate's file.
        certificate: PathBuf,
        /// The key's file.
        key: PathBuf,
        /// Why.
        fault: rustls::Error,
    },
}

/// Two files.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Pair {
    pub(super) certificate: PathBuf,
    pub(super) key: PathBuf,
}

/// What a pair is good for.
pub(super) struct Terms {
    pub(super) config: Arc<ServerConfig>,
    pub(super) until: OffsetDateTime,
}

/// What tells one state of a file from the next without reading it: device, inode, length, times of change.
pub(super) type Look = [Option<(u64, u64, u64, i64, i64, i64, i64)>; 2];

impl Pair {
    /// How both files look now; a link is followed.
    pub(super) fn look(&self) -> Look {
        [&self.certificate, &self.key].map(|file| {
            let found = fs::metadata(file).ok()?;
            let changed = (found.mtime(), found.mtime_nsec(), found.ctime(), found.ctime_nsec());
            Some((found.dev(), found.ino(), found.size(), changed.0, changed.1, changed.2, changed.3))
        })
    }

    /// Reads both and holds them against each other and the time.
    pub(super) fn read(&self, now: OffsetDateTime) -> Result<Terms, CertificateError> {
        let chain = self.chain()?;
        let until = self.until(&chain, now)?;
        let config = self.config(chain, self.key()?)?;
        Ok(Terms { config: Arc::new(config), until })
    }

    fn chain(&self) -> Result<Vec<CertificateDer<'static>>, CertificateError> {
        let file = &self.certificate;
        let chain = CertificateDer::pem_slice_iter(&bytes(file)?).collect::<Result<Vec<_>, _>>();
        let chain = chain.map_err(|fault| CertificateError::NotPem { file: file.clone(), fault })?;
        match chain.is_empty() {
            true => Err(CertificateError::NoCertificate(file.clone())),
            false => Ok(chain),
        }
    }

    fn until(
        &self,
        chain: &[CertificateDer<'_>],
        now: OffsetDateTime,
    ) -> Result<OffsetDateTime, CertificateError> {
        let file = &self.certificate;
        let damaged = || CertificateError::Damaged(file.clone());
        let first = chain.first().ok_or_else(damaged)?;
        let (_, parsed) = x509_parser::parse_x509_certificate(first).map_err(|_| damaged())?;
        let [from, until] =
            [parsed.validity.not_before, parsed.validity.not_after].map(|time| time.to_datetime());
        if until < now {
            return Err(CertificateError::Expired { file: file.clone(), until });
        }
        if from > now {
            warn!(file = %file.display(), %from, "the certificate is not valid yet");
        }
        Ok(until)
    }

    fn key(&self) -> Result<PrivateKeyDer<'static>, CertificateError> {
        let file = &self.key;
        let open_to_all = fs::metadata(file).is_ok_and(|found| found.permissions().mode() & 0o007 != 0);
        if open_to_all {
            warn!(file = %file.display(), "everybody on this machine can reach the private key: chmod o= it");
        }
        PrivateKeyDer::from_pem_slice(&bytes(file)?).map_err(|fault| match fault {
            pem::Error::NoItemsFound => CertificateError::NoKey(file.clone()),
            fault => CertificateError::NotPem { file: file.clone(), fault },
        })
    }

    fn config(
        &self,
        chain: Vec<CertificateDer<'static>>,
        key: PrivateKeyDer<'static>,
    ) -> Result<ServerConfig, CertificateError> {
        let Self { certificate, key: key_file } = self.clone();
        let unusable = |fault| match fault {
            rustls::Error::InconsistentKeys(_) => {
                CertificateError::Mismatch { certificate: certificate.clone(), key: key_file.clone() }
            }
            fault => {
                CertificateError::Unusable { certificate: certificate.clone(), key: key_file.clone(), fault }
            }
        };
        let mut config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_protocol_versions(&[&rustls::version::TLS13, &rustls::version::TLS12])
            .map_err(unusable)?
            .with_no_client_auth()
            .with_single_cert(chain, key)
            .map_err(unusable)?;
        config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
        config.ticketer = ring::Ticketer::new().map_err(unusable)?;
        Ok(config)
    }
}

fn bytes(file: &Path) -> Result<Zeroizing<Vec<u8>>, CertificateError> {
    let unreadable = |fault| CertificateError::Unreadable { file: file.to_owned(), fault };
    fs::read(file).map(Zeroizing::new).map_err(unreadable)
}
