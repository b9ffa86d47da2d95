//! The ways out and the round the courier makes.

use std::{fs, os::unix::fs::PermissionsExt as _, path::Path};

use latchkey::mail::{Directory, MailSettings, RelayRefused, TransportKind};
use tokio::sync::watch;

use super::*;
use crate::smtp_sink::Mode;

/// A name and a password by which the relay knows us.
pub const LOGIN: (&str, &str) = ("latchkey", "a password: ü");

/// Settings for a protected relay that knows us; its certificate is trusted when `trusted`.
pub fn protected(
    sink: &SmtpSink,
    security: Security,
    trusted: bool,
    folder: &tempfile::TempDir,
) -> SmtpSettings {
    let (roots, password) = (folder.path().join("roots.pem"), folder.path().join("password"));
    fs::write(&roots, &sink.certificate).unwrap();
    fs::write(&password, format!("{}\n", LOGIN.1)).unwrap();
    SmtpSettings {
        host: "localhost".to_owned(),
        security,
        username: Some(LOGIN.0.to_owned()),
        password_file: Some(password),
        root_certificates: trusted.then_some(roots),
        ..plain(sink)
    }
}

async fn deliver_to(sink: &SmtpSink, settings: &SmtpSettings) -> (usize, String) {
    let post = Post::new().await;
    post.has("alice").await;
    let letter = post.promise_reset("alice@example.test").await;
    let smtp = Smtp::new(settings).unwrap().with_patience(PATIENCE);
    let delivered = post.courier(Transport::Smtp(smtp.into())).deliver_due().await.unwrap();
    assert_eq!(sink.received().len(), delivered);
    (delivered, post.fate(letter).await.1)
}

#[tokio::test]
async fn a_relay_with_tls_and_a_login_takes_letters() {
    for (mode, security) in [(Mode::Starttls, Security::Starttls), (Mode::Tls, Security::Tls)] {
        let (sink, folder) = (SmtpSink::with(mode, Some(LOGIN)).await, tempfile::tempdir().unwrap());
        let settings = protected(&sink, security, true, &folder);
        assert_eq!(deliver_to(&sink, &settings).await, (1, String::new()));
        let letter = sink.received().remove(0);
        assert!(letter.encrypted);
        assert_eq!(letter.login.as_deref(), Some(LOGIN.0));
    }
}

#[tokio::test]
async fn a_relay_whose_certificate_is_not_trusted_hears_no_password_and_the_letter_waits() {
    for (mode, security) in [(Mode::Starttls, Security::Starttls), (Mode::Tls, Security::Tls)] {
        let (sink, folder) = (SmtpSink::with(mode, Some(LOGIN)).await, tempfile::tempdir().unwrap());
        let settings = protected(&sink, security, false, &folder);
        let (delivered, why) = deliver_to(&sink, &settings).await;
        assert_eq!(delivered, 0);
        let step = if mode == Mode::Tls { "the TLS handshake" } else { "STARTTLS" };
        assert!(why.starts_with(&format!("{step} failed: invalid peer certificate: ")), "{why}");
    }
}

#[tokio::test]
async fn a_relay_without_starttls_gets_nothing() {
    let (sink, folder) = (SmtpSink::with(Mode::Plain, Some(LOGIN)).await, tempfile::tempdir().unwrap());
    let settings = protected(&sink, Security::Starttls, true, &folder);
    let (delivered, why) = deliver_to(&sink, &settings).await;
    assert_eq!(delivered, 0);
    assert!(why.starts_with("STARTTLS failed"), "{why}");
}

/// The relay waits for the client's first word, and the client for the relay's.
#[tokio::test]
async fn a_port_for_tls_from_the_first_byte_is_told_by_its_silence_where_tls_was_to_come_later() {
    let (sink, folder) = (SmtpSink::with(Mode::Tls, None).await, tempfile::tempdir().unwrap());
    for settings in [plain(&sink), protected(&sink, Security::Starttls, true, &folder)] {
        let greeted = hastily_over(&settings).greet().await;
        let why = greeted[0].1.as_ref().expect_err("refused").to_string();
        assert!(why.starts_with("the relay said nothing for 300ms: "), "{why}");
        assert!(why.contains("465") && why.contains("security = \"tls\""), "{why}");
    }
}

#[tokio::test]
async fn a_wrong_password_is_held_against_no_letter() {
    let (sink, folder) = (SmtpSink::with(Mode::Tls, Some(LOGIN)).await, tempfile::tempdir().unwrap());
    let settings = protected(&sink, Security::Tls, true, &folder);
    let wrong = SmtpSettings { password_file: None, password: Some("wrong".to_owned().into()), ..settings };
    let (delivered, why) = deliver_to(&sink, &wrong).await;
    assert_eq!((delivered, why.as_str()), (0, "AUTH was answered with 535: 5.7.8 wrong"));
}

#[test]
fn settings_that_can_not_work_are_refused_at_the_start() {
    let base = SmtpSettings { host: "relay.example.test".to_owned(), ..SmtpSettings::default() };
    let password = || Some("secret".to_owned().into());
    let refused = |settings: SmtpSettings| Smtp::new(&settings).err().expect("refused");
    let lone = SmtpSettings { username: Some("me".to_owned()), ..base.clone() };
    assert!(matches!(refused(lone.clone()), RelayRefused::Credentials));
    let both = SmtpSettings { password: password(), password_file: Some("file".into()), ..lone.clone() };
    assert!(matches!(refused(both), RelayRefused::Credentials));
    let open = SmtpSettings { password: password(), security: Security::None, ..lone };
    assert!(matches!(refused(open.clone()), RelayRefused::PlainPassword));
    assert!(Smtp::new(&SmtpSettings { host: "localhost".to_owned(), ..open }).is_ok());
    let missing = SmtpSettings { root_certificates: Some("/nowhere/roots.pem".into()), ..base.clone() };
    assert!(matches!(refused(missing), RelayRefused::File { .. }));
    let broken = SmtpSettings { hello_name: Some("a\r\nMAIL".to_owned()), ..base };
    assert!(matches!(refused(broken), RelayRefused::Text("hello_name")));
}

#[test]
fn a_setting_that_can_not_be_used_is_named_as_it_stands_in_the_configuration() {
    let folder = tempfile::tempdir().unwrap();
    let empty = folder.path().join("empty");
    fs::write(&empty, "\n").unwrap();
    let login = |file: &Path| SmtpSettings {
        username: Some("me".to_owned()),
        password_file: Some(file.to_owned()),
        ..SmtpSettings::default()
    };
    let missing = login("/nowhere/password".as_ref());
    let rootless = SmtpSettings { root_certificates: Some(empty.clone()), ..SmtpSettings::default() };
    let garbage = folder.path().join("garbage.pem");
    fs::write(&garbage, "-----BEGIN CERTIFICATE-----\nZ2FyYmFnZQ==\n-----END CERTIFICATE-----\n").unwrap();
    let spoilt = |security| SmtpSettings {
        root_certificates: Some(garbage.clone()),
        security,
        ..SmtpSettings::default()
    };
    let base = MailSettings { transport: TransportKind::Smtp, ..MailSettings::default() };
    let one = |relay: &SmtpSettings| MailSettings { smtp: Some(relay.clone()), ..base.clone() };
    let several = |relay: &SmtpSettings| MailSettings { relay: vec![relay.clone()], ..base.clone() };
    let file = MailSettings { directory: Some(empty.join("mail")), ..MailSettings::default() };
    for (settings, said) in [
        (one(&missing), "mail.smtp.password_file: /nowhere/password can't be read: No such file"),
        (several(&missing), "mail.relay.password_file: /nowhere/password can't be read: No such file"),
        (one(&login(&empty)), "mail.smtp.password_file is empty"),
        (several(&rootless), "mail.relay.root_certificates: "),
        (one(&spoilt(Security::Starttls)), "mail.smtp.root_certificates can't be used for TLS: "),
        (one(&spoilt(Security::Tls)), "mail.smtp.root_certificates can't be used for TLS: "),
        (file, "mail.directory: "),
    ] {
        let refused = Transport::open(&settings, "/nowhere".as_ref()).err().expect(said).to_string();
        assert!(refused.starts_with(said), "{refused}");
    }
}

#[tokio::test]
async fn a_folder_gets_one_private_file_a_letter_in_the_order_of_time() {
    let (post, folder) = (Post::new().await, tempfile::tempdir().unwrap());
    let mail = folder.path().join("var/mail");
    let courier = post.courier(Transport::Directory(Directory::open(&mail).unwrap()));
    for name in ["alice", "bob"] {
        post.has(name).await;
        post.promise_reset(&format!("{name}@example.test")).await;
        assert_eq!(courier.deliver_due().await.unwrap(), 1);
        post.advance(1);
    }
    let mut files: Vec<_> = fs::read_dir(&mail).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    let texts: Vec<String> = files.iter().map(|file| fs::read_to_string(file).unwrap()).collect();
    assert!(texts[0].contains("To: alice@") && texts[1].contains("To: bob@"));
    assert_eq!(files.len(), 2);
    for file in &files {
        assert_eq!(file.extension().unwrap(), "eml");
        assert_eq!(fs::metadata(file).unwrap().permissions().mode() & 0o777, 0o600);
    }
    assert_eq!(fs::metadata(&mail).unwrap().permissions().mode() & 0o777, 0o700);
}

#[tokio::test]
async fn a_folder_that_can_not_be_written_loses_no_letter() {
    let (post, folder) = (Post::new().await, tempfile::tempdir().unwrap());
    let mail = folder.path().join("mail");
    let courier = post.courier(Transport::Directory(Directory::open(&mail).unwrap()));
    fs::remove_dir(&mail).unwrap();
    post.has("alice").await;
    post.promise_reset("alice@example.test").await;
    assert_eq!(courier.deliver_due().await.unwrap(), 0);
    fs::create_dir(&mail).unwrap();
    post.advance(13);
    assert_eq!(courier.deliver_due().await.unwrap(), 1);
}

#[tokio::test]
async fn the_bell_wakes_the_courier_and_stop_ends_its_round() {
    let post = Post::new().await;
    post.has("alice").await;
    let (courier, memory) = post.courier_in_memory();
    let (stop, stopping) = watch::channel(false);
    let round = tokio::spawn(courier.run(stopping));
    post.promise_reset("alice@example.test").await;
    post.bell.ring();
    let arrived = async {
        while memory.letters().is_empty() {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(PATIENCE, arrived).await.expect("the letter arrives");
    stop.send(true).unwrap();
    tokio::time::timeout(PATIENCE, round).await.expect("the round ends").unwrap();
}

#[tokio::test]
async fn a_courier_that_is_told_to_stop_hands_its_leases_back() {
    let post = Post::new().await;
    post.has("alice").await;
    let letter = post.promise_reset("alice@example.test").await;
    let (stop, stopping) = watch::channel(true);
    post.courier_in_memory().0.run(stopping).await;
    drop(stop);
    assert_eq!(post.fate(letter).await.0, "waiting");
    assert_eq!(post.courier_in_memory().0.deliver_due().await.unwrap(), 1, "nobody holds it");
}
