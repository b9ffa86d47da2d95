//! TLS to the database, and by whose word its certificate is believed.

use latchkey::store::{Database, DatabaseSettings, TlsMode};
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};

use super::cluster::Server;

/// A certificate authority, and a certificate by it for `localhost`.
fn certificates() -> (String, String, String) {
    let mut params = CertificateParams::new(Vec::new()).unwrap();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let authority = CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap();
    let key = KeyPair::generate().unwrap();
    let leaf =
        CertificateParams::new(vec!["localhost".to_owned()]).unwrap().signed_by(&key, &authority).unwrap();
    (authority.pem(), leaf.pem(), key.serialize_pem())
}

/// Whether the connection is encrypted, or why there is none.
async fn encrypted(url: &str, settings: DatabaseSettings) -> Result<bool, String> {
    let database = Database::open(url, &settings).map_err(|error| error.to_string())?;
    let client = database.client().await.map_err(|error| error.to_string())?;
    let question = "SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()";
    Ok(client.query_one(question, &[]).await.unwrap().get(0))
}

#[tokio::test]
async fn a_connection_is_as_safe_as_the_settings_say() {
    let server = Server::start("");
    let (authority, certificate, key) = certificates();
    let files = [("server.pem", &certificate), ("server.key", &key), ("root.pem", &authority)];
    let [certificate, key, root] = files.map(|(name, text)| server.keeps(name, text));
    server.ask(&format!("ALTER SYSTEM SET ssl_cert_file = '{}'", certificate.display()));
    server.ask(&format!("ALTER SYSTEM SET ssl_key_file = '{}'", key.display()));
    server.ask("ALTER SYSTEM SET ssl = on");
    server.ask("SELECT pg_reload_conf()");
    server.eventually("speaks TLS", |server| server.ask("SHOW ssl") == "on");
    let other_root = server.keeps("other.pem", &certificates().0);

    let by_name = format!("postgresql://latchkey@localhost:{}/postgres", server.port());
    let by_number = server.url("postgres");
    let with = |tls, roots: Option<&std::path::PathBuf>| DatabaseSettings {
        tls: Some(tls),
        roots: roots.cloned(),
        ..DatabaseSettings::default()
    };
    use TlsMode::{Disable, Prefer, Require, VerifyCa, VerifyFull};
    for (url, settings) in [
        (&by_name, with(VerifyFull, Some(&root))),
        (&by_number, with(VerifyCa, Some(&root))),
        (&by_number, with(Require, Some(&root))),
        (&by_number, with(Require, None)),
        (&by_number, with(Prefer, None)),
        (&by_number, DatabaseSettings::default()),
    ] {
        assert_eq!(encrypted(url, settings).await, Ok(true));
    }
    assert_eq!(encrypted(&by_number, with(Disable, None)).await, Ok(false));
    for (url, settings, why) in [
        (&by_number, with(VerifyFull, Some(&root)), "not valid for name"),
        (&by_name, with(VerifyFull, Some(&other_root)), "certificate"),
        (&by_name, with(VerifyFull, None), "UnknownIssuer"),
        (&by_number, with(VerifyCa, Some(&other_root)), "certificate"),
        (&by_number, with(Require, Some(&other_root)), "certificate"),
    ] {
        let refusal = encrypted(url, settings).await.unwrap_err();
        assert!(refusal.contains(why), "{why}: {refusal}");
    }
    // As operators copy it from elsewhere.
    let root = root.display().to_string().replace('/', "%2F");
    let url = format!("{by_name}?sslmode=verify-full&sslrootcert={root}");
    assert_eq!(encrypted(&url, DatabaseSettings::default()).await, Ok(true));
    assert!(latchkey::store::migrate::run(&url).await.is_ok(), "migrations go the same way");
    server.ask("ALTER SYSTEM SET ssl = off");
    server.ask("SELECT pg_reload_conf()");
    server.eventually("speaks no TLS", |server| server.ask("SHOW ssl") == "off");
    assert!(encrypted(&url, DatabaseSettings::default()).await.is_err(), "never in the clear instead");
}
