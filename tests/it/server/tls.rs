//! Transport security: which versions are spoken and which are not.

use std::{
    fs,
    net::SocketAddr,
    os::unix::fs::PermissionsExt,
    path::PathBuf,
    process::{Command, Stdio},
    sync::Arc,
};

use latchkey::server::{Certificates, Entrance, Limits, Listen, SocketMode};
use rcgen::{CertificateParams, KeyPair};
use tempfile::TempDir;
use time::OffsetDateTime;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    time::timeout,
};
use tokio_rustls::{
    TlsConnector,
    client::TlsStream,
    rustls::{
        ClientConfig, RootCertStore, SupportedProtocolVersion,
        crypto::ring,
        pki_types::{CertificateDer, ServerName},
        version::{TLS12, TLS13},
    },
};

use super::house::{House, NEVER, answer, get, ms, patient};

/// When the tests take place: within the validity of what they make.
pub const NOW: OffsetDateTime = time::macros::datetime!(2026-11-21 12:00 UTC);

/// A certificate for `localhost` that signs itself, and its key.
#[derive(Clone)]
pub struct Identity {
    pub certificate: String,
    pub key: String,
    pub der: CertificateDer<'static>,
}

impl Identity {
    pub fn new() -> Self {
        Self::until(rcgen::date_time_ymd(4096, 1, 1))
    }

    pub fn until(end: OffsetDateTime) -> Self {
        let key = KeyPair::generate().unwrap();
        let mut parameters = CertificateParams::new(vec!["localhost".to_owned()]).unwrap();
        parameters.not_after = end;
        let certificate = parameters.self_signed(&key).unwrap();
        let der = certificate.der().clone();
        Self { certificate: certificate.pem(), key: key.serialize_pem(), der }
    }
}

/// A folder with the two files.
pub struct Files(TempDir);

impl Files {
    pub fn of(identity: &Identity) -> Self {
        let files = Self(tempfile::tempdir().unwrap());
        files.hold(identity);
        files
    }

    /// Replaces both, as certificate tools do: one after the other.
    pub fn hold(&self, identity: &Identity) {
        fs::write(self.certificate(), &identity.certificate).unwrap();
        fs::write(self.key(), &identity.key).unwrap();
        fs::set_permissions(self.key(), fs::Permissions::from_mode(0o600)).unwrap();
    }

    pub fn certificate(&self) -> PathBuf {
        self.0.path().join("certificate.pem")
    }

    pub fn key(&self) -> PathBuf {
        self.0.path().join("key.pem")
    }

    pub fn load(&self) -> Arc<Certificates> {
        Certificates::load(&self.certificate(), &self.key(), NOW).unwrap()
    }
}

/// A listener with TLS on a port.
pub async fn secure_house(certificates: Arc<Certificates>, limits: Limits) -> House {
    let listen: Listen = "127.0.0.1:0".parse().unwrap();
    let entrance = Entrance::open(&listen, SocketMode::default(), Some(certificates)).await.unwrap();
    assert!(entrance.places().unwrap()[0].tls);
    House::at(entrance, limits)
}

/// Settings of a client that trusts these and nobody else.
pub fn trusting(
    identities: &[&Identity],
    versions: &[&'static SupportedProtocolVersion],
    protocols: &[&str],
) -> TlsConnector {
    let mut roots = RootCertStore::empty();
    identities.iter().for_each(|identity| roots.add(identity.der.clone()).unwrap());
    let builder = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()));
    let builder = builder.with_protocol_versions(versions).unwrap();
    let mut config = builder.with_root_certificates(roots).with_no_client_auth();
    config.alpn_protocols = protocols.iter().map(|protocol| protocol.as_bytes().to_vec()).collect();
    TlsConnector::from(Arc::new(config))
}

pub async fn connect(connector: &TlsConnector, address: SocketAddr) -> std::io::Result<TlsStream<TcpStream>> {
    let stream = TcpStream::connect(address).await?;
    connector.connect(ServerName::try_from("localhost").unwrap(), stream).await
}

#[tokio::test]
async fn tls_1_2_and_1_3_are_spoken_with_either_protocol() {
    let identity = Identity::new();
    let house = secure_house(Files::of(&identity).load(), patient()).await;
    for version in [&TLS12, &TLS13] {
        let connector = trusting(&[&identity], &[version], &["http/1.1"]);
        let mut stream = connect(&connector, house.address).await.unwrap();
        assert_eq!(stream.get_ref().1.protocol_version(), Some(version.version));
        stream.write_all(get("who").as_bytes()).await.unwrap();
        let heard = answer(&mut stream, "127.0.0.1 securely").await;
        assert!(heard.starts_with("HTTP/1.1 200 "), "{heard}");
        let both = trusting(&[&identity], &[version], &["h2", "http/1.1"]);
        let stream = connect(&both, house.address).await.unwrap();
        assert_eq!(stream.get_ref().1.alpn_protocol(), Some(&b"h2"[..]), "HTTP/2 is preferred");
    }
    let silent = connect(&trusting(&[&identity], &[&TLS13], &[]), house.address).await.unwrap();
    assert_eq!(silent.get_ref().1.alpn_protocol(), None, "who names no protocol gets HTTP/1.1");
    assert!(connect(&trusting(&[&identity], &[&TLS13], &["spdy/3"]), house.address).await.is_err());
}

/// The first words of a client that knows nothing above this version (RFC 5246 section 7.4.1.2).
fn hello(minor: u8) -> Vec<u8> {
    let mut body = vec![3, minor];
    body.extend([7; 32]);
    body.extend([0, 0, 4, 0xc0, 0x13, 0x00, 0x2f, 1, 0]);
    let length = u8::try_from(body.len()).unwrap();
    [&[22, 3, 1, 0, length + 4, 1, 0, 0, length][..], &body].concat()
}

#[tokio::test]
async fn tls_1_0_and_1_1_are_refused_with_an_alert() {
    let house = secure_house(Files::of(&Identity::new()).load(), patient()).await;
    for minor in [0, 1, 2] {
        let mut socket = TcpStream::connect(house.address).await.unwrap();
        socket.write_all(&hello(minor)).await.unwrap();
        let mut heard = Vec::new();
        let _ = timeout(NEVER, socket.read_to_end(&mut heard)).await.unwrap();
        // An alert, fatal: handshake_failure or protocol_version (RFC 8446 section 6).
        let alert = (heard.first(), heard.get(5), heard.get(6));
        assert!(matches!(alert, (Some(21), Some(2), Some(40 | 70))), "3.{minor}: {heard:?}");
    }
}

/// Where openssl is installed; what it is asked is what testssl.sh asks.
#[tokio::test(flavor = "multi_thread")]
async fn openssl_agrees() {
    let house = secure_house(Files::of(&Identity::new()).load(), patient()).await;
    let address = house.address.to_string();
    for (version, spoken) in [("-tls1", false), ("-tls1_1", false), ("-tls1_2", true), ("-tls1_3", true)] {
        let mut client = Command::new("openssl");
        client.args(["s_client", "-connect", &address, version, "-cipher", "ALL:@SECLEVEL=0", "-alpn", "h2"]);
        let Ok(heard) = client.stdin(Stdio::null()).output() else { return };
        let text = String::from_utf8_lossy(&heard.stdout).into_owned();
        assert_eq!(text.contains("Cipher is (NONE)"), !spoken, "{version}: {text}");
        assert_eq!(text.contains("ALPN protocol: h2"), spoken, "{version}: {text}");
    }
}

#[tokio::test]
async fn a_handshake_that_takes_too_long_is_given_up() {
    let limits = Limits { handshake_timeout: ms(100), connections: 1, ..patient() };
    let identity = Identity::new();
    let house = secure_house(Files::of(&identity).load(), limits).await;
    for words in [&b""[..], &hello(3)[..20], &b"GET / HTTP/1.1\r\n\r\n"[..]] {
        let mut socket = TcpStream::connect(house.address).await.unwrap();
        socket.write_all(words).await.unwrap();
        let mut heard = Vec::new();
        let _ = timeout(NEVER, socket.read_to_end(&mut heard)).await.expect("the connection was not closed");
    }
    let mut stream = connect(&trusting(&[&identity], &[&TLS13], &[]), house.address).await.unwrap();
    stream.write_all(get("quick").as_bytes()).await.unwrap();
    answer(&mut stream, "quick").await;
}

#[tokio::test]
async fn a_stop_waits_for_no_handshake_and_ends_tls_in_good_order() {
    let identity = Identity::new();
    let house = secure_house(Files::of(&identity).load(), patient()).await;
    let _mute = TcpStream::connect(house.address).await.unwrap();
    let mut running = connect(&trusting(&[&identity], &[&TLS13], &[]), house.address).await.unwrap();
    running.write_all(get("slow").as_bytes()).await.unwrap();
    house.slow_call_has_begun().await;
    house.stop.send(true).unwrap();
    house.closes_after(running).await;
}

#[tokio::test]
async fn a_peer_that_does_not_fetch_its_answer_is_cut() {
    let identity = Identity::new();
    let limits = Limits { idle_timeout: ms(200), ..patient() };
    let house = secure_house(Files::of(&identity).load(), limits).await;
    let mut stream = connect(&trusting(&[&identity], &[&TLS13], &[]), house.address).await.unwrap();
    stream.write_all(get("long").as_bytes()).await.unwrap();
    house.stop.send(true).unwrap();
    house.closes().await;
}
