//! The private PostgreSQL as an operator meets it: made, found again, joined, refused. The crashes are in `crashes`.
//!
//! Run by root these tests really drop its rights, because PostgreSQL refuses to run as root.

mod crashes;
mod place;

use std::{fs, os::unix::fs::MetadataExt, path::Path};

use latchkey::store::embedded::{
    Beginning, EmbeddedError, FOLDER_OF_LAST_RESORT, PrivateServer, data_folder_or, data_folder_to_be,
};

use self::place::{Place, ask, quick};

#[test]
fn the_first_start_makes_the_database_and_a_second_finds_it_again() {
    let place = Place::new();
    let server = PrivateServer::serve(place.folder()).unwrap();
    assert_eq!(server.report().beginning, Beginning::First);
    ask(&server.url(), "CREATE TABLE note (line text); INSERT INTO note VALUES ('kept')").unwrap();
    server.stop().unwrap();

    let server = PrivateServer::serve(place.folder()).unwrap();
    assert_eq!(server.report().beginning, Beginning::Again);
    assert_eq!(ask(&server.url(), "SELECT line FROM note").unwrap(), "kept");
    assert_eq!(server.report().found, None, "a server that was stopped leaves nothing to clear away");
}

#[test]
fn the_database_speaks_utf_8_checks_its_pages_and_gives_the_role_no_more_than_it_needs() {
    let place = Place::new();
    let server = PrivateServer::serve_with(place.folder(), &quick()).unwrap();
    let says = |question: &str| ask(&server.url(), question).unwrap();
    assert_eq!(says("SHOW server_encoding"), "UTF8");
    assert!(
        ["C.UTF-8", "C"]
            .contains(&says("SELECT datcollate FROM pg_database WHERE datname = 'latchkey'").as_str())
    );
    assert_eq!(says("SHOW data_checksums"), "on");
    assert_eq!(says("SELECT current_user"), "latchkey");
    assert_eq!(
        says("SELECT rolsuper OR rolcreatedb OR rolcreaterole FROM pg_roles WHERE rolname = 'latchkey'"),
        "f"
    );
    assert_eq!(says("SHOW timezone"), "UTC");
}

#[test]
fn a_second_server_on_the_same_folder_is_refused_and_told_by_whom() {
    let place = Place::new();
    let server = PrivateServer::serve_with(place.folder(), &quick()).unwrap();
    let refusal = PrivateServer::serve_with(place.folder(), &quick()).err().unwrap();
    assert!(matches!(refusal, EmbeddedError::InUse { pid: Some(_), .. }), "{refusal}");
    let us = format!("pid {}", std::process::id());
    for word in [us.as_str(), place.folder().to_str().unwrap(), "--data"] {
        assert!(refusal.to_string().contains(word), "{word}: {refusal}");
    }
    assert_eq!(ask(&server.url(), "SELECT 1").unwrap(), "1", "the first is none the worse for it");
}

#[test]
fn a_command_joins_the_database_of_a_running_server_and_leaves_it_running() {
    let place = Place::new();
    let server = PrivateServer::serve_with(place.folder(), &quick()).unwrap();
    let command = PrivateServer::join_or_serve_with(place.folder(), &quick()).unwrap();
    assert_eq!(command.report().beginning, Beginning::Joined);
    ask(&command.url(), "CREATE TABLE note AS SELECT 'from the command' AS line").unwrap();
    command.stop().unwrap();
    assert_eq!(ask(&server.url(), "SELECT line FROM note").unwrap(), "from the command");
}

#[test]
fn a_command_without_a_server_starts_one_for_itself_and_stops_it() {
    let place = Place::new();
    let command = PrivateServer::join_or_serve_with(place.folder(), &quick()).unwrap();
    ask(&command.url(), "CREATE TABLE note AS SELECT 'from the command' AS line").unwrap();
    command.stop().unwrap();
    assert!(!place.pid_file().exists());
    let server = PrivateServer::serve_with(place.folder(), &quick()).unwrap();
    assert_eq!(ask(&server.url(), "SELECT line FROM note").unwrap(), "from the command");
}

#[test]
fn a_server_and_other_commands_wait_for_a_command_that_is_at_work() {
    let place = Place::new();
    let first = PrivateServer::join_or_serve_with(place.folder(), &quick()).unwrap();
    std::thread::scope(|scope| {
        let open =
            || PrivateServer::join_or_serve_with(place.folder(), &quick()).and_then(PrivateServer::stop);
        let serve = || PrivateServer::serve_with(place.folder(), &quick()).and_then(PrivateServer::stop);
        let waiting = [scope.spawn(open), scope.spawn(serve), scope.spawn(open)];
        assert_eq!(ask(&first.url(), "SELECT 1").unwrap(), "1");
        drop(first);
        for one in waiting {
            one.join().unwrap().unwrap();
        }
    });
}

#[test]
fn a_server_lives_on_when_the_thread_that_started_it_ends() {
    let place = Place::new();
    let folder = place.folder().to_owned();
    let started = std::thread::spawn(move || PrivateServer::serve_with(&folder, &quick()).unwrap());
    let server = started.join().unwrap();
    for _ in 0..20 {
        assert_eq!(ask(&server.url(), "SELECT 1").unwrap(), "1");
    }
    assert!(place.pid_file().exists());
}

#[test]
fn data_of_a_newer_major_version_is_refused_with_words_that_help() {
    let place = Place::new();
    PrivateServer::serve_with(place.folder(), &quick()).unwrap().stop().unwrap();
    fs::write(place.data().join("PG_VERSION"), "99\n").unwrap();
    let refusal = PrivateServer::serve_with(place.folder(), &quick()).err().unwrap();
    assert!(matches!(refusal, EmbeddedError::OtherMajor { made_by: 99, .. }), "{refusal}");
    for word in ["made by PostgreSQL 99", "Install", "pg_upgrade", "pg_dump", place.data().to_str().unwrap()]
    {
        assert!(refusal.to_string().to_lowercase().contains(&word.to_lowercase()), "{word}: {refusal}");
    }
}

#[test]
fn a_folder_that_holds_something_else_is_left_alone() {
    let place = Place::new();
    PrivateServer::serve_with(place.folder(), &quick()).unwrap().stop().unwrap();
    fs::remove_file(place.data().join("PG_VERSION")).unwrap();
    let refusal = PrivateServer::serve_with(place.folder(), &quick()).err().unwrap();
    assert!(matches!(refusal, EmbeddedError::NoCluster { .. }), "{refusal}");
    assert!(place.data().join("base").exists());
}

#[test]
#[cfg(target_os = "linux")]
fn no_port_is_open_to_the_network() {
    let place = Place::new();
    let server = PrivateServer::serve_with(place.folder(), &quick()).unwrap();
    assert_eq!(ask(&server.url(), "SHOW listen_addresses").unwrap(), "");
    let sockets: Vec<String> = fs::read_dir(format!("/proc/{}/fd", place.postmaster().as_raw_pid()))
        .unwrap()
        .filter_map(|handle| fs::read_link(handle.unwrap().path()).ok())
        .filter_map(|target| Some(target.to_str()?.strip_prefix("socket:[")?.strip_suffix(']')?.to_owned()))
        .collect();
    assert!(!sockets.is_empty(), "there is the Unix socket at least");
    for table in ["/proc/net/tcp", "/proc/net/tcp6", "/proc/net/udp", "/proc/net/udp6"] {
        // The tenth word of a line is the socket's number.
        let table = fs::read_to_string(table).unwrap_or_default();
        let numbers: Vec<&str> =
            table.lines().skip(1).filter_map(|line| line.split_whitespace().nth(9)).collect();
        // PostgreSQL 14 and older keep a UDP socket on the loopback, connected to itself, for their statistics.
        let open = sockets.iter().filter(|socket| numbers.contains(&socket.as_str())).count();
        assert!(
            open == 0 || table.contains("7F000001") && server.report().version.as_str() < "15",
            "{table}"
        );
    }
}

#[test]
fn nobody_but_the_owner_gets_at_anything() {
    let place = Place::new();
    let server = PrivateServer::serve_with(place.folder(), &quick()).unwrap();
    let home = place.home();
    let owner = fs::metadata(&home).unwrap().uid();
    assert_ne!(owner, 0, "PostgreSQL never runs as root");
    for (name, mode) in [
        ("", 0o700),
        ("data", 0o700),
        ("socket", 0o700),
        ("password", 0o600),
        ("lock", 0o600),
        ("postgres.log", 0o600),
    ] {
        let found = fs::metadata(home.join(name)).unwrap();
        assert_eq!(found.mode() & 0o777, mode, "{name}");
        assert_eq!(found.uid(), owner, "{name}");
    }
    let stranger = server.url().replace(fs::read_to_string(home.join("password")).unwrap().trim(), "guessed");
    assert!(ask(&stranger, "SELECT 1").unwrap_err().contains("password authentication failed"));
    let superuser = server.url().replace("//latchkey:", "//postgres:");
    assert_eq!(ask(&superuser, "SELECT 1").is_ok(), rustix::process::geteuid().as_raw() == owner);
}

#[test]
fn a_lost_password_file_is_made_anew() {
    let place = Place::new();
    PrivateServer::serve_with(place.folder(), &quick()).unwrap().stop().unwrap();
    let before = fs::read_to_string(place.home().join("password")).unwrap();
    fs::remove_file(place.home().join("password")).unwrap();
    let server = PrivateServer::serve_with(place.folder(), &quick()).unwrap();
    assert_eq!(ask(&server.url(), "SELECT 1").unwrap(), "1");
    assert_ne!(fs::read_to_string(place.home().join("password")).unwrap(), before);
}

#[test]
fn a_folder_whose_path_is_too_long_for_a_socket_or_has_odd_letters_does_too() {
    for name in [format!("{}/{}", "long".repeat(20), "longer".repeat(20)), "a, b 'c' \"d\" \\ é".into()] {
        let place = Place::new();
        let folder = place.folder().join(name);
        let server = PrivateServer::serve_with(&folder, &quick()).unwrap();
        let socket = place::socket_of(&folder);
        assert!(!socket.starts_with(folder.to_str().unwrap()));
        assert_eq!(fs::metadata(&socket).unwrap().mode() & 0o777, 0o700);
        let command = PrivateServer::join_or_serve_with(&folder, &quick()).unwrap();
        assert_eq!(ask(&command.url(), "SELECT 1").unwrap(), "1");
        server.stop().unwrap();
        assert!(!Path::new(&socket).exists(), "nothing is left in {socket}");
    }
}

#[test]
fn data_that_its_user_could_not_reach_goes_elsewhere_and_the_operator_is_told() {
    let place = Place::new();
    let closed = place.closed_folder();
    let wanted = closed.join("tree/var");
    let elsewhere = place.folder().join("elsewhere");
    let foreseen = data_folder_to_be(&wanted);
    let decided = data_folder_or(&wanted, &elsewhere).unwrap();
    if !rustix::process::geteuid().is_root() {
        assert_eq!((decided.path(), decided.notice()), (wanted.as_path(), None));
        assert_eq!(foreseen, wanted);
        return;
    }
    assert_eq!(foreseen, Path::new(FOLDER_OF_LAST_RESORT), "a command that only looks, looks there");
    assert_eq!(decided.path(), elsewhere);
    for folder in [&wanted, &elsewhere] {
        assert!(decided.notice().unwrap().contains(folder.to_str().unwrap()), "{:?}", decided.notice());
    }
    assert!(!closed.join("tree").exists(), "nothing is left where the data did not go");
    let refusal = PrivateServer::serve_with(&wanted, &quick()).err().unwrap();
    assert!(matches!(refusal, EmbeddedError::OutOfReach { .. }), "{refusal}");
    let server = PrivateServer::serve_with(decided.path(), &quick()).unwrap();
    assert_eq!(ask(&server.url(), "SELECT 1").unwrap(), "1");
}
