//! Certificates that change, and what is said of those that can't be used.

use std::{
    fs,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicUsize, Ordering::Relaxed},
    },
};

use latchkey::server::{CertificateError, Certificates};
use time::{Duration, OffsetDateTime};
use tokio::{io::AsyncWriteExt, task::JoinSet};
use tokio_rustls::{
    TlsConnector,
    rustls::version::{TLS12, TLS13},
};

use super::{
    house::{answer, get, patient},
    tls::{Files, Identity, NOW, connect, secure_house, trusting},
};

/// The certificate that a new connection is shown.
async fn shown(connector: &TlsConnector, house: &super::house::House) -> Vec<u8> {
    let stream = connect(connector, house.address).await.unwrap();
    stream.get_ref().1.peer_certificates().unwrap()[0].to_vec()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_certificate_swapped_under_load_fails_no_request() {
    const CLIENTS: usize = 4;
    const SWAPS: usize = 20;
    let identities = [Identity::new(), Identity::new()];
    let files = Files::of(&identities[0]);
    let certificates = files.load();
    let house = secure_house(certificates.clone(), patient()).await;
    let (over, done) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicUsize::new(0)));
    let seen = identities.each_ref().map(|_| Arc::new(AtomicUsize::new(0)));
    let mut clients = JoinSet::new();
    for number in 0..CLIENTS {
        let (address, over, done, seen) = (house.address, over.clone(), done.clone(), seen.clone());
        let ders = identities.each_ref().map(|identity| identity.der.clone());
        let version = if number % 2 == 0 { &TLS12 } else { &TLS13 };
        let connector = trusting(&[&identities[0], &identities[1]], &[version], &["http/1.1"]);
        clients.spawn(async move {
            while !over.load(Relaxed) {
                let mut stream = connect(&connector, address).await.expect("a handshake");
                let shown = stream.get_ref().1.peer_certificates().unwrap()[0].clone();
                seen[ders.iter().position(|der| *der == shown).unwrap()].fetch_add(1, Relaxed);
                for _ in 0..3 {
                    stream.write_all(get("quick").as_bytes()).await.expect("a connection");
                    answer(&mut stream, "quick").await;
                    done.fetch_add(1, Relaxed);
                }
            }
        });
    }
    for swap in 1..=SWAPS {
        let before = done.load(Relaxed);
        files.hold(&identities[swap % 2]);
        assert!(certificates.refresh(NOW).unwrap());
        while done.load(Relaxed) < before + 10 {
            tokio::task::yield_now().await;
            assert!(clients.try_join_next().is_none(), "a client gave up");
        }
    }
    over.store(true, Relaxed);
    clients.join_all().await;
    println!("{} requests, {SWAPS} swaps", done.load(Relaxed));
    assert!(seen.iter().all(|count| count.load(Relaxed) > 0));
}

#[tokio::test]
async fn a_pair_that_does_not_match_keeps_the_former_one_until_it_does() {
    let (former, next) = (Identity::new(), Identity::new());
    let files = Files::of(&former);
    let certificates = files.load();
    let house = secure_house(certificates.clone(), patient()).await;
    let connector = trusting(&[&former, &next], &[&TLS13], &[]);
    assert!(!certificates.refresh(NOW).unwrap(), "nothing has changed");
    fs::write(files.certificate(), &next.certificate).unwrap();
    assert!(matches!(certificates.refresh(NOW), Err(CertificateError::Mismatch { .. })));
    assert!(!certificates.refresh(NOW).unwrap(), "said once");
    assert_eq!(shown(&connector, &house).await, former.der.to_vec());
    fs::write(files.key(), &next.key).unwrap();
    assert!(certificates.refresh(NOW).unwrap());
    assert_eq!(shown(&connector, &house).await, next.der.to_vec());
}

/// What is said of these two files.
fn refused(certificate: &str, key: &str) -> String {
    let files = Files::of(&Identity::new());
    fs::write(files.certificate(), certificate).unwrap();
    fs::write(files.key(), key).unwrap();
    let error = Certificates::load(&files.certificate(), &files.key(), NOW).err().unwrap().to_string();
    error.replace(&format!("{}/", files.certificate().parent().unwrap().display()), "")
}

#[test]
fn what_is_wrong_is_said_with_the_name_of_the_file() {
    let identity = Identity::new();
    let Identity { certificate, key, .. } = &identity;
    assert_eq!(refused("", key), "certificate.pem holds no certificate (-----BEGIN CERTIFICATE-----)");
    assert_eq!(refused(key, key), "certificate.pem holds no certificate (-----BEGIN CERTIFICATE-----)");
    let no_key = "key.pem holds no private key that is not encrypted (PKCS#8, PKCS#1 or SEC1, in PEM)";
    assert_eq!(refused(certificate, certificate), no_key);
    assert_eq!(
        refused(certificate, &Identity::new().key),
        "the key in key.pem does not match the first certificate in certificate.pem"
    );
    let half = certificate.split_at(100).0;
    assert!(refused(half, key).starts_with("certificate.pem is no PEM file: "));
    let empty = "-----BEGIN CERTIFICATE-----\nMAA=\n-----END CERTIFICATE-----\n";
    assert_eq!(refused(empty, key), "the first certificate in certificate.pem is damaged");
    let missing = Certificates::load("no/such.pem".as_ref(), "no/key.pem".as_ref(), NOW).err().unwrap();
    assert!(missing.to_string().starts_with("no/such.pem can't be read: "), "{missing}");
}

#[test]
fn an_expired_certificate_is_refused_and_keeps_no_good_one_out() {
    let end = OffsetDateTime::from_unix_timestamp(NOW.unix_timestamp() - 1).unwrap();
    let (expired, good) = (Identity::until(end), Identity::until(NOW + Duration::days(30)));
    assert!(refused(&expired.certificate, &expired.key).contains("expired on 2026-11-21 11:59:59"));
    let files = Files::of(&good);
    let certificates = files.load();
    assert_eq!(certificates.until(), NOW + Duration::days(30));
    files.hold(&expired);
    assert!(matches!(certificates.reload(NOW), Err(CertificateError::Expired { .. })));
    assert_eq!(certificates.until(), NOW + Duration::days(30));
}
