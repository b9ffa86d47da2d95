//! Under a service manager: what it is told, and sockets that it hands over.

use std::{
    net::TcpListener,
    os::{fd::OwnedFd, unix::net::UnixDatagram},
    process::{Command, Stdio},
    time::{Duration, Instant},
};

use rustix::process::{Pid, Signal, kill_process};

use super::program::{House, NEVER};
use crate::support::{Client, database_url, through_pgbouncer};

/// Waits for a message with all these words; others may come before it, from PostgreSQL too.
fn hears(socket: &UnixDatagram, words: &[&str]) {
    let begun = Instant::now();
    socket.set_read_timeout(Some(NEVER)).unwrap();
    while begun.elapsed() < NEVER {
        let mut message = [0; 512];
        let length = socket.recv(&mut message).unwrap_or_else(|error| panic!("no {words:?}: {error}"));
        let message = String::from_utf8_lossy(&message[..length]).into_owned();
        if words.iter().all(|word| message.contains(word)) {
            return;
        }
    }
    panic!("no {words:?}");
}

#[tokio::test]
async fn the_service_manager_hears_of_start_reload_stop_and_that_it_is_alive() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("notify");
    let socket = UnixDatagram::bind(&path).unwrap();
    let house = House::new().with("NOTIFY_SOCKET", path.display()).with("WATCHDOG_USEC", 200_000);
    let server = house.serve();
    hears(&socket, &["READY=1"]);
    hears(&socket, &["WATCHDOG=1"]);
    server.hang_up();
    hears(&socket, &["RELOADING=1", "MONOTONIC_USEC="]);
    hears(&socket, &["READY=1"]);
    let (status, _) = server.stop();
    assert!(status.success());
    hears(&socket, &["STOPPING=1"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_socket_that_is_handed_over_is_served() {
    let folder = tempfile::tempdir().unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    // The shell puts the socket where a service manager does, and knows its own number before it is latchkey's.
    let mut command = Command::new("sh");
    command.args(["-c", "exec 3<&0 </dev/null; LISTEN_FDS=1 LISTEN_PID=$$ exec \"$0\" \"$@\""]);
    command.args([env!("CARGO_BIN_EXE_latchkey"), "--listen", "systemd", "--data"]).arg(folder.path());
    command.env("LATCHKEY_DATABASE__URL", database_url().await).env("LATCHKEY_PASSWORD__COST", "4");
    command.env_remove("LATCHKEY_TEST_PGBOUNCER");
    command.env("LATCHKEY_DATABASE__PREPARED_STATEMENTS", (!through_pgbouncer()).to_string());
    command.stdin(OwnedFd::from(listener)).stdout(Stdio::null()).stderr(Stdio::null());
    let mut server = command.spawn().unwrap();
    // Our own hold on the socket goes: if the server dies, the connection is to fail and not to wait for ever.
    drop(command);
    // Nobody has accepted yet; the connection waits until somebody does.
    let answer = Client::new(address, None).get("ping").await;
    assert_eq!(answer.status, 200);
    kill_process(Pid::from_child(&server), Signal::TERM).unwrap();
    let begun = Instant::now();
    while server.try_wait().unwrap().is_none() {
        assert!(begun.elapsed() < NEVER, "it goes on");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}
