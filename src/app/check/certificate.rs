//! Whether TLS can be offered: certificate and key read, held against each other, good for a while, and for our name.

use std::path::Path;

use time::{Duration, OffsetDateTime};
use tokio_rustls::rustls::{
    client::verify_server_name,
    pki_types::{CertificateDer, ServerName, pem::PemObject as _},
    server::ParsedCertificate,
};

use super::Finding;
use crate::{
    app::entrance::is_this_machine,
    config::{Address, Config},
    ports::{Clock as _, SystemClock},
    server::Certificates,
};

/// How long before its end a certificate is worth a warning.
const SOON: Duration = Duration::days(30);

pub(super) fn look(config: &Config) -> Vec<Finding> {
    match config.tls.pair() {
        Err(error) => vec![Finding::failure("certificate", error.to_string(), "set both of [tls], or none")],
        Ok(None) => vec![in_the_clear(config)],
        Ok(Some((certificate, key))) => {
            let mut findings = vec![pair(certificate, key, SystemClock::default().now())];
            findings.extend(name(certificate, config.public_url.as_deref()));
            findings
        }
    }
}

/// Without a certificate only this machine should be listened to, or a proxy has to speak TLS.
fn in_the_clear(config: &Config) -> Finding {
    let open = config.listen.0.iter().find(|address| match address {
        Address::Port(place) | Address::PlainPort(place) => !is_this_machine(host_of(place)),
        Address::Unix(_) | Address::HandedOver => false,
    });
    match open {
        None => Finding::ok("certificate", "none is needed: only this machine is listened to"),
        Some(open) => Finding::warning(
            "certificate",
            format!("none is configured, and {open} can be reached from elsewhere"),
            "set [tls], or see that only a proxy with TLS in front can reach it",
        ),
    }
}

/// Of an address with a port.
fn host_of(place: &str) -> &str {
    place.rsplit_once(':').map_or(place, |(host, _)| host)
}

fn pair(certificate: &Path, key: &Path, now: OffsetDateTime) -> Finding {
    let until = match Certificates::load(certificate, key, now) {
        Ok(certificates) => certificates.until(),
        Err(error) => {
            return Finding::failure("certificate", error.to_string(), "see tls.certificate and tls.key");
        }
    };
    let found = format!("good until {}, {} days from now", until.date(), (until - now).whole_days());
    match until - now < SOON {
        true => {
            Finding::warning("certificate", found, "renew it; latchkey takes the new files over by itself")
        }
        false => Finding::ok("certificate", found),
    }
}

/// Whether the certificate bears the name by which people come.
fn name(file: &Path, public_url: Option<&str>) -> Option<Finding> {
    let host = url::Url::parse(public_url?).ok()?.host_str()?.trim_matches(['[', ']']).to_owned();
    let name = ServerName::try_from(host.clone()).ok()?;
    let certificate = CertificateDer::from_pem_file(file).ok()?;
    let parsed = ParsedCertificate::try_from(&certificate).ok()?;
    Some(match verify_server_name(&parsed, &name) {
        Ok(()) => Finding::ok("certificate name", format!("it bears {host}")),
        Err(_) => Finding::failure(
            "certificate name",
            format!("it does not bear {host}, the name in public_url"),
            "get one for that name, or correct public_url",
        ),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::check::Verdict;

    #[test]
    fn only_loopback_is_this_machine() {
        for here in ["127.0.0.1:8080", "localhost:80", "[::1]:443", "127.8.8.8:1"] {
            assert!(is_this_machine(host_of(here)), "{here}");
        }
        for elsewhere in ["0.0.0.0:80", "[::]:443", "10.0.0.1:80", "example.com:80"] {
            assert!(!is_this_machine(host_of(elsewhere)), "{elsewhere}");
        }
    }

    #[test]
    fn a_certificate_is_judged_by_its_key_its_end_and_its_name() {
        let folder = tempfile::tempdir().unwrap();
        let made = rcgen::generate_simple_self_signed(vec!["login.example.com".to_owned()]).unwrap();
        let other = rcgen::generate_simple_self_signed(vec!["login.example.com".to_owned()]).unwrap();
        let (certificate, key) = (folder.path().join("certificate.pem"), folder.path().join("key.pem"));
        std::fs::write(&certificate, made.cert.pem()).unwrap();
        std::fs::write(&key, made.signing_key.serialize_pem()).unwrap();
        let now = SystemClock::default().now();
        assert_eq!(pair(&certificate, &key, now).verdict, Verdict::Ok);
        let last = Certificates::load(&certificate, &key, now).unwrap().until();
        assert_eq!(pair(&certificate, &key, last - Duration::days(29)).verdict, Verdict::Warning);
        assert_eq!(pair(&certificate, &key, last + Duration::days(1)).verdict, Verdict::Failure);
        assert_eq!(name(&certificate, Some("https://login.example.com")).unwrap().verdict, Verdict::Ok);
        assert_eq!(name(&certificate, Some("https://example.com")).unwrap().verdict, Verdict::Failure);
        std::fs::write(&key, other.signing_key.serialize_pem()).unwrap();
        assert_eq!(pair(&certificate, &key, now).verdict, Verdict::Failure);
    }
}
