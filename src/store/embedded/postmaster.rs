//! A running PostgreSQL of ours: started, watched until ready, stopped.

use std::{
    fs::{self, File},
    io::{self, Read, Seek, SeekFrom},
    os::unix::process::CommandExt,
    path::Path,
    process::{Child, Command},
    sync::mpsc,
    thread::{self, JoinHandle},
    time::{Duration, Instant},
};

use rustix::process::{Pid, Signal, kill_process};

use super::{
    Settings,
    cluster::last_lines,
    death_signal::end_with_us,
    error::EmbeddedError,
    files::{private_file, with_ending},
    home::Home,
    pid_file::{Found, PidFile},
    programs::Programs,
    socket::PORT,
};

/// Long, because PostgreSQL may have a day's changes to replay after a crash, and would begin anew if it were
/// stopped.
const PATIENCE_TO_START: Duration = Duration::from_secs(300);
/// A fast shutdown throws clients out and writes what is in memory.
const PATIENCE_TO_STOP: Duration = Duration::from_secs(20);
/// An immediate shutdown writes nothing; PostgreSQL itself kills what is left of it after 5 s.
const PATIENCE_TO_ABORT: Duration = Duration::from_secs(10);
/// Processes of a PostgreSQL that was killed notice within this time.
const PATIENCE_WITH_THE_DEAD: Duration = Duration::from_secs(10);
const GLANCE: Duration = Duration::from_millis(5);
const LONGEST_LOG: u64 = 10 * 1024 * 1024;
const LONGEST_LAST_WORDS: u64 = 4096;

/// PostgreSQL's first process, a child of ours.
pub(super) struct Postmaster {
    pid: Pid,
    /// Ends when PostgreSQL has.
    keeper: JoinHandle<()>,
}

impl Postmaster {
    /// Starts PostgreSQL in `home`, its socket in `socket`, and waits until it is ready.
    ///
    /// # Errors
    /// `NotStarted` with its last words, `NotReady`, `NotRun`, and those of files.
    pub(super) fn start(
        home: &Home,
        programs: &Programs,
        socket: &Path,
        settings: &Settings,
    ) -> Result<Self, EmbeddedError> {
        let begun = Instant::now();
        loop {
            let (mut log, from) = open_log(home).map_err(EmbeddedError::files("open", home.log()))?;
            let command = command(home, programs, socket, settings, &log)?;
            let spawned = Self::spawn(command);
            let postmaster = spawned.map_err(|cause| EmbeddedError::NotRun {
                program: programs.folder.join("postgres"),
                user: home.owner().name().into(),
                cause,
            })?;
            if postmaster.got_ready(home)? {
                return Ok(postmaster);
            }
            let said = last_words(&mut log, from);
            // Its predecessor was killed, and a process of that one has not noticed yet: it must end first.
            if !said.contains("is still in use") || begun.elapsed() > PATIENCE_WITH_THE_DEAD {
                return Err(EmbeddedError::NotStarted { said: last_lines(&said), log: home.log() });
            }
            thread::sleep(Duration::from_millis(50));
        }
    }

    /// Spawns on a thread of its own, which then waits for the child. The death signal is tied to the thread
    /// that spawns (see [`end_with_us`]): this one ends with PostgreSQL or with the process, whoever called
    /// us.
    fn spawn(mut command: Command) -> io::Result<Self> {
        let (tell, told) = mpsc::sync_channel(1);
        let keep = move || {
            let spawned = command.spawn();
            // The command holds the log open for the child, who has its own handles by now.
            drop(command);
            let child = match spawned {
                Ok(child) => child,
                Err(error) => return drop(tell.send(Err(error))),
            };
            if tell.send(Ok(Pid::from_child(&child))).is_ok() {
                wait_for(child);
            }
        };
        let keeper = thread::Builder::new().name("postgres".into()).stack_size(128 * 1024).spawn(keep)?;
        let pid = told.recv().map_err(io::Error::other)??;
        Ok(Self { pid, keeper })
    }

    /// `false` when it ended instead.
    fn got_ready(&self, home: &Home) -> Result<bool, EmbeddedError> {
        let begun = Instant::now();
        while !self.has_ended() {
            match PidFile::look(&home.data()) {
                Ok(Found::Names(file)) if file.pid == self.pid && file.ready => return Ok(true),
                _ if begun.elapsed() > PATIENCE_TO_START => {
                    self.stop(home)?;
                    return Err(EmbeddedError::NotReady {
                        seconds: PATIENCE_TO_START.as_secs(),
                        log: home.log(),
                    });
                }
                _ => thread::sleep(GLANCE),
            }
        }
        Ok(false)
    }

    pub(super) fn has_ended(&self) -> bool {
        self.keeper.is_finished()
    }

    /// Throws the clients out and waits until PostgreSQL has ended; when it takes too long, aborts it.
    ///
    /// # Errors
    /// `NotStopped` when even that does not help.
    pub(super) fn stop(&self, home: &Home) -> Result<(), EmbeddedError> {
        end(self.pid, || self.has_ended(), home)
    }
}

/// Tells a PostgreSQL to end, first fast, then at once, and waits until `ended` says so.
///
/// # Errors
/// `NotStopped` when it is still there after that.
pub(super) fn end(pid: Pid, ended: impl Fn() -> bool, home: &Home) -> Result<(), EmbeddedError> {
    for (signal, patience) in [(Signal::INT, PATIENCE_TO_STOP), (Signal::QUIT, PATIENCE_TO_ABORT)] {
        if ended() {
            return Ok(());
        }
        // It may end by itself just now; then there is nobody to tell.
        let _ = kill_process(pid, signal);
        let begun = Instant::now();
        while begun.elapsed() < patience {
            if ended() {
                return Ok(());
            }
            thread::sleep(GLANCE);
        }
    }
    Err(EmbeddedError::NotStopped { pid: pid.as_raw_pid(), log: home.log() })
}

fn command(
    home: &Home,
    programs: &Programs,
    socket: &Path,
    settings: &Settings,
    log: &File,
) -> Result<Command, EmbeddedError> {
    let mut command = programs.command("postgres", home.owner());
    command.arg("-D").arg(home.data());
    command.args(options(socket, settings).iter().flat_map(|option| ["-c", option]));
    let copy = || log.try_clone().map_err(EmbeddedError::files("open", home.log()));
    command.stdout(copy()?).stderr(copy()?);
    // Ctrl-C in a terminal goes to a whole group: it must reach us first, who drain before PostgreSQL may
    // end.
    command.process_group(0);
    end_with_us(&mut command, Signal::INT);
    Ok(command)
}

/// What the operator's postgresql.conf can't change, because it is promised elsewhere.
fn options(socket: &Path, settings: &Settings) -> Vec<String> {
    let mut options = vec![
        format!("unix_socket_directories={}", socket.display()),
        format!("port={PORT}"),
        format!("max_connections={}", settings.max_connections),
    ];
    let fixed = [
        "listen_addresses=",
        "unix_socket_permissions=0700",
        "cluster_name=latchkey",
        "timezone=UTC",
        "log_timezone=UTC",
        "lc_messages=C",
        "logging_collector=off",
        "log_destination=stderr",
        "log_checkpoints=off",
        // The details of a broken constraint are the values: addresses and names have no place in a log.
        "log_error_verbosity=terse",
        "jit=off",
    ];
    options.extend(fixed.map(String::from));
    if !settings.durable {
        options.extend(["fsync=off", "synchronous_commit=off", "full_page_writes=off"].map(String::from));
    }
    options
}

/// Waits until the child has ended. A wait that fails finds no child, which is the same.
fn wait_for(mut child: Child) {
    let _ = child.wait();
}

/// Opens the log to append, and tells its length; one that has grown long is put aside first, in place of an
/// older one.
fn open_log(home: &Home) -> io::Result<(File, u64)> {
    let path = home.log();
    let log = private_file(&path, home.owner())?;
    let length = log.metadata()?.len();
    if length <= LONGEST_LOG {
        return Ok((log, length));
    }
    fs::rename(&path, with_ending(&path, ".old"))?;
    Ok((private_file(&path, home.owner())?, 0))
}

/// What was written to the log behind `from`, or the end of it.
fn last_words(log: &mut File, from: u64) -> String {
    let mut said = Vec::new();
    let length = log.metadata().map_or(0, |found| found.len());
    let start = from.max(length.saturating_sub(LONGEST_LAST_WORDS));
    let read = log.seek(SeekFrom::Start(start)).and_then(|_| log.read_to_end(&mut said));
    read.map(|_| String::from_utf8_lossy(&said).into_owned()).unwrap_or_default()
}
