//! The private PostgreSQL after something was killed. With production settings: what was committed has to be there.

use std::{
    env,
    fs::{self, File},
    io::{BufRead, BufReader},
    os::unix::{fs::MetadataExt, process::CommandExt},
    path::PathBuf,
    process::{Child, Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use latchkey::store::embedded::PrivateServer;
use rustix::process::{Pid, Signal, getpgid, getpgrp, kill_process, test_kill_process};

use super::place::{Place, ask};

const KEEP: &str = "CREATE TABLE note (line text); INSERT INTO note VALUES ('kept')";
const KEPT: &str = "SELECT line FROM note";

#[test]
fn the_data_is_found_again_after_postgresql_was_killed() {
    let place = Place::new();
    let server = PrivateServer::serve(place.folder()).unwrap();
    ask(&server.url(), KEEP).unwrap();
    let pid = place.postmaster();
    kill_process(pid, Signal::KILL).unwrap();
    server.stop().unwrap();
    assert_eq!(place.postmaster(), pid, "the pid file is stale");
    assert!(place.home().join("socket/.s.PGSQL.5432").exists(), "and so is the socket");

    let server = PrivateServer::serve(place.folder()).unwrap();
    assert_eq!(ask(&server.url(), KEPT).unwrap(), "kept");
    assert!(server.report().to_string().contains("cut off"), "{}", server.report());
    assert_ne!(place.postmaster(), pid);
}

#[test]
#[cfg(target_os = "linux")]
fn a_start_waits_for_the_last_process_of_a_postgresql_that_was_killed() {
    let place = Place::new();
    let server = PrivateServer::serve(place.folder()).unwrap();
    let pid = place.postmaster();
    let children = fs::read_to_string(format!("/proc/{0}/task/{0}/children", pid.as_raw_pid())).unwrap();
    let child = Pid::from_raw(children.split_whitespace().next().unwrap().parse().unwrap()).unwrap();
    kill_process(child, Signal::STOP).unwrap();
    kill_process(pid, Signal::KILL).unwrap();
    server.stop().unwrap();

    let log = place.home().join("postgres.log");
    thread::scope(|scope| {
        scope.spawn(|| {
            eventually("PostgreSQL sees that its data is in use", || {
                fs::read_to_string(&log).is_ok_and(|text| text.contains("is still in use"))
            });
            kill_process(child, Signal::CONT).unwrap();
        });
        let server = PrivateServer::serve(place.folder()).unwrap();
        assert_eq!(ask(&server.url(), "SELECT 1").unwrap(), "1");
    });
}

#[test]
fn the_data_is_found_again_after_its_latchkey_was_killed() {
    const FOLDER: &str = "LATCHKEY_TEST_KILLED_FOLDER";
    if let Some(folder) = env::var_os(FOLDER) {
        // This is the process that will be killed.
        let server = PrivateServer::serve(&PathBuf::from(folder)).unwrap();
        ask(&server.url(), KEEP).unwrap();
        println!("\nserving");
        loop {
            thread::park();
        }
    }
    let place = Place::new();
    let name = concat!(module_path!(), "::the_data_is_found_again_after_its_latchkey_was_killed");
    let (_, name) = name.split_once("::").unwrap();
    let mut latchkey = Command::new(env::current_exe().unwrap())
        .args(["--exact", name, "--nocapture"])
        .env(FOLDER, place.folder())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(latchkey.stdout.take().unwrap()).lines();
    assert!(lines.any(|line| line.unwrap() == "serving"));
    let pid = place.postmaster();
    latchkey.kill().unwrap();
    latchkey.wait().unwrap();
    if cfg!(target_os = "linux") {
        eventually("PostgreSQL ends with the latchkey that started it", || has_ended(pid));
    }

    let server = PrivateServer::serve(place.folder()).unwrap();
    assert_eq!(ask(&server.url(), KEPT).unwrap(), "kept");
}

#[test]
#[cfg(target_os = "linux")]
fn a_postgresql_that_outlived_its_latchkey_is_ended_and_another_started() {
    let place = Place::new();
    let mut orphan = left_behind(&place);
    let server = PrivateServer::serve(place.folder()).unwrap();
    let words = format!("ended PostgreSQL {}", orphan.id());
    assert!(server.report().to_string().contains(&words), "{}", server.report());
    assert!(orphan.wait().unwrap().success(), "it was asked to end, not killed");
    assert_eq!(ask(&server.url(), KEPT).unwrap(), "kept");
}

#[test]
fn a_pid_file_whose_number_another_program_has_by_now_is_no_hindrance() {
    let place = Place::new();
    PrivateServer::serve(place.folder()).unwrap().stop().unwrap();
    let mut other = as_owner(&place, Command::new("sleep")).arg("60").spawn().unwrap();
    let stale = format!("{}\n{}\n1700000000\n5432\n", other.id(), place.data().display());
    fs::write(place.pid_file(), &stale).unwrap();
    fs::write(place.home().join("socket/.s.PGSQL.5432.lock"), &stale).unwrap();

    let server = PrivateServer::serve(place.folder()).unwrap();
    assert!(server.report().to_string().contains("another program"), "{}", server.report());
    assert_eq!(ask(&server.url(), "SELECT 1").unwrap(), "1");
    assert!(other.try_wait().unwrap().is_none(), "that program was left alone");
    other.kill().unwrap();
    other.wait().unwrap();
}

#[test]
fn an_empty_pid_file_is_no_hindrance() {
    let place = Place::new();
    PrivateServer::serve(place.folder()).unwrap().stop().unwrap();
    File::create(place.pid_file()).unwrap();
    let server = PrivateServer::serve(place.folder()).unwrap();
    assert_eq!(ask(&server.url(), "SELECT 1").unwrap(), "1");
}

#[test]
fn an_attempt_to_make_the_database_that_was_cut_off_is_no_hindrance() {
    let place = Place::new();
    PrivateServer::serve(place.folder()).unwrap().stop().unwrap();
    // As if the rename had never come.
    fs::rename(place.data(), place.home().join("attempt-1")).unwrap();
    let server = PrivateServer::serve(place.folder()).unwrap();
    assert!(server.report().is_first());
    assert_eq!(ask(&server.url(), "SELECT 1").unwrap(), "1");
    assert!(!place.home().join("attempt-1").exists());
}

#[test]
fn ctrl_c_in_the_terminal_does_not_reach_postgresql() {
    let place = Place::new();
    let _server = PrivateServer::serve(place.folder()).unwrap();
    assert_ne!(getpgid(Some(place.postmaster())).unwrap(), getpgrp());
}

/// A PostgreSQL in the place's folder that no latchkey looks after, with a row in it.
#[cfg(target_os = "linux")]
fn left_behind(place: &Place) -> Child {
    let server = PrivateServer::serve(place.folder()).unwrap();
    ask(&server.url(), KEEP).unwrap();
    let program = fs::read_link(format!("/proc/{}/exe", place.postmaster().as_raw_pid())).unwrap();
    server.stop().unwrap();
    let mut postgres = as_owner(place, Command::new(program));
    postgres
        .arg("-D")
        .arg(place.data())
        .args(["-c", "listen_addresses="])
        .arg("-k")
        .arg(place.home().join("socket"));
    let orphan = postgres.stderr(Stdio::null()).spawn().unwrap();
    eventually("the one that is left behind gets ready", || {
        fs::read_to_string(place.pid_file()).is_ok_and(|text| text.contains("ready"))
    });
    orphan
}

fn as_owner(place: &Place, mut command: Command) -> Command {
    let owner = fs::metadata(place.home()).unwrap();
    command.current_dir("/");
    if rustix::process::geteuid().is_root() {
        command.uid(owner.uid()).gid(owner.gid());
    }
    command
}

fn has_ended(pid: Pid) -> bool {
    test_kill_process(pid).is_err()
}

fn eventually(what: &str, mut happened: impl FnMut() -> bool) {
    let begun = Instant::now();
    while !happened() {
        assert!(begun.elapsed() < Duration::from_secs(20), "{what}");
        thread::sleep(Duration::from_millis(10));
    }
}
