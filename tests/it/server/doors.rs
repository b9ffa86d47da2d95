//! Unix sockets, and several listeners at once.

use std::{
    fs,
    os::unix::fs::{FileTypeExt, PermissionsExt},
    path::Path,
};

use latchkey::server::{Entrance, Listen, SocketMode};
use tokio::{
    io::AsyncWriteExt,
    net::{TcpStream, UnixListener, UnixStream},
};

use super::{
    house::{House, answer, get, patient},
    tls::{Files, Identity, connect, trusting},
};

fn listen(addresses: &[&str]) -> Listen {
    Listen(addresses.iter().map(|address| address.parse().unwrap()).collect())
}

async fn open(addresses: &[&str]) -> Result<Entrance, String> {
    let opened = Entrance::open(&listen(addresses), SocketMode(0o640), None).await;
    opened.map_err(|error| error.to_string())
}

fn address_of(socket: &Path) -> String {
    format!("unix:{}", socket.display())
}

#[tokio::test]
async fn a_unix_socket_has_its_mode_serves_and_goes_with_the_server() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("latchkey.sock");
    let house = House::at(open(&[&address_of(&path)]).await.unwrap(), patient());
    let found = fs::symlink_metadata(&path).unwrap();
    assert!(found.file_type().is_socket());
    assert_eq!(found.permissions().mode() & 0o777, 0o640);
    let mut stream = UnixStream::connect(&path).await.unwrap();
    stream.write_all(get("who").as_bytes()).await.unwrap();
    answer(&mut stream, "nobody openly").await;
    drop(stream);
    house.stop.send(true).unwrap();
    house.closes().await;
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0, "nothing is left behind");
}

#[tokio::test]
async fn a_stale_socket_is_replaced_and_one_where_somebody_listens_is_not() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("latchkey.sock");
    drop(UnixListener::bind(&path).unwrap());
    assert!(path.exists(), "left by a server that was killed");
    let first = open(&[&address_of(&path)]).await.unwrap();
    let error = open(&[&address_of(&path)]).await.err().unwrap();
    assert!(error.contains("can't be listened on: somebody listens there"), "{error}");
    UnixStream::connect(&path).await.unwrap();
    fs::remove_file(&path).unwrap();
    let second = open(&[&address_of(&path)]).await.unwrap();
    drop(first);
    UnixStream::connect(&path).await.unwrap();
    drop(second);
    fs::write(&path, "a file").unwrap();
    let error = open(&[&address_of(&path)]).await.err().unwrap();
    assert!(error.contains("there is a file that is no socket"), "{error}");
}

#[tokio::test]
async fn ports_with_and_without_tls_and_a_unix_socket_are_served_together() {
    let (folder, identity) = (tempfile::tempdir().unwrap(), Identity::new());
    let path = folder.path().join("l.sock");
    let listen = listen(&["127.0.0.1:0", "http://127.0.0.1:0", &address_of(&path)]);
    let certificates = Some(Files::of(&identity).load());
    let entrance = Entrance::open(&listen, SocketMode::default(), certificates).await.unwrap();
    let places = entrance.places().unwrap();
    assert_eq!(places.iter().map(|place| place.tls).collect::<Vec<_>>(), [true, false, false]);
    let _house = House::at(entrance, patient());
    let ports: Vec<_> = places.iter().filter_map(|place| place.address).collect();
    let connector = trusting(&[&identity], &[&tokio_rustls::rustls::version::TLS13], &[]);
    for _ in 0..2 {
        let mut secure = connect(&connector, ports[0]).await.unwrap();
        secure.write_all(get("who").as_bytes()).await.unwrap();
        answer(&mut secure, "127.0.0.1 securely").await;
        let mut open = TcpStream::connect(ports[1]).await.unwrap();
        open.write_all(get("who").as_bytes()).await.unwrap();
        answer(&mut open, "127.0.0.1 openly").await;
        let mut unix = UnixStream::connect(&path).await.unwrap();
        unix.write_all(get("who").as_bytes()).await.unwrap();
        answer(&mut unix, "nobody openly").await;
    }
}

#[tokio::test]
async fn a_place_that_is_taken_is_named() {
    let held = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let taken = held.local_addr().unwrap();
    let error = open(&["127.0.0.1:0", &taken.to_string()]).await.err().unwrap();
    assert!(error.starts_with(&format!("{taken} can't be listened on: ")), "{error}");
    assert!(error.contains("end the other program that listens there"), "{error}");
    assert!(open(&["systemd"]).await.err().unwrap().contains("no socket was handed over"));
}
