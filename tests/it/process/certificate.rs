//! A server that is told of a new certificate by SIGHUP, while clients are at it.

use std::{
    fs,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering::Relaxed},
    },
};

use tokio::{io::AsyncWriteExt as _, task::JoinSet};
use tokio_rustls::rustls::version::TLS13;

use super::program::{House, Program, eventually};
use crate::server::{
    house::answer,
    tls::{Files, Identity, connect, trusting},
};

async fn logged(server: &Program, words: &str) {
    eventually(words, || server.log().contains(words).then_some(())).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_certificate_is_read_at_sighup_and_a_wrong_one_refused_without_one_failed_request() {
    let identities = [Identity::new(), Identity::new()];
    let files = Files::of(&identities[0]);
    let house = House::new()
        .with("LATCHKEY_TLS__CERTIFICATE", files.certificate().display())
        .with("LATCHKEY_TLS__KEY", files.key().display());
    let server = house.serve();
    assert!(server.said.iter().any(|line| line.contains("POST https://127.0.0.1:")), "{:?}", server.said);
    let over = Arc::new(AtomicBool::new(false));
    let mut clients = JoinSet::new();
    for _ in 0..2 {
        let (over, address) = (over.clone(), server.address);
        let connector = trusting(&[&identities[0], &identities[1]], &[&TLS13], &["http/1.1"]);
        clients.spawn(async move {
            let mut asked = 0;
            while !over.load(Relaxed) {
                let mut stream = connect(&connector, address).await.expect("a handshake");
                stream.write_all(b"GET /api/5.0/ping HTTP/1.1\r\nHost: localhost\r\n\r\n").await.unwrap();
                assert!(answer(&mut stream, "}\n").await.starts_with("HTTP/1.1 200 "));
                asked += 1;
            }
            asked
        });
    }
    fs::write(files.certificate(), &identities[1].certificate).unwrap();
    server.hang_up();
    logged(&server, "the new certificate can't be used: the former one stays").await;
    files.hold(&identities[1]);
    server.hang_up();
    logged(&server, "the certificate was read again").await;
    let only_new = trusting(&[&identities[1]], &[&TLS13], &[]);
    connect(&only_new, server.address).await.expect("the new certificate is shown");
    over.store(true, Relaxed);
    let asked: usize = clients.join_all().await.into_iter().sum();
    println!("{asked} requests on connections of their own while the certificate changed");
    assert!(asked > 0);
    assert!(server.log().contains("the session secrets were read again"));
}
