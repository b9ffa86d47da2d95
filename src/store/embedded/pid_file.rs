//! Reads `postmaster.pid`, in which PostgreSQL tells who runs, where it listens and whether it is ready.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use rustix::process::{Pid, test_kill_process};

use super::files;

/// What `postmaster.pid` says; the lines are described in PostgreSQL's `miscadmin.h`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct PidFile {
    pub(super) pid: Pid,
    pub(super) port: Option<u16>,
    pub(super) socket: Option<PathBuf>,
    pub(super) ready: bool,
}

/// What was found under that name.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Found {
    /// No file.
    Nothing,
    /// A file that says nothing: PostgreSQL was cut off while it wrote.
    Unreadable,
    /// A file that names a process.
    Names(PidFile),
}

impl PidFile {
    pub(super) fn path(data: &Path) -> PathBuf {
        data.join("postmaster.pid")
    }

    /// # Errors
    /// When the file is there and can't be read.
    pub(super) fn look(data: &Path) -> io::Result<Found> {
        match files::read(&Self::path(data)) {
            Ok(text) => Ok(Self::parse(&text).map_or(Found::Unreadable, Found::Names)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Found::Nothing),
            Err(error) => Err(error),
        }
    }

    fn parse(text: &str) -> Option<Self> {
        let line =
            |number: usize| text.lines().nth(number - 1).map(str::trim).filter(|line| !line.is_empty());
        // A stand-alone backend writes its number with a minus sign.
        let pid = line(1)?.trim_start_matches('-').parse().ok().filter(|pid| *pid > 0)?;
        Some(Self {
            pid: Pid::from_raw(pid)?,
            port: line(4).and_then(|port| port.parse().ok()),
            socket: line(5).map(PathBuf::from),
            ready: line(8) == Some("ready"),
        })
    }

    /// Whether the process it names is there and is a PostgreSQL at work in `data`.
    ///
    /// After a crash the number may belong to any program. PostgreSQL's working directory is its data folder,
    /// and a process that has ended but is not yet fetched (which still answers to signals) has none.
    #[cfg(target_os = "linux")]
    pub(super) fn runs_in(&self, data: &Path) -> bool {
        use std::os::unix::fs::MetadataExt;
        let process = PathBuf::from(format!("/proc/{}", self.pid.as_raw_pid()));
        let place = |path: &Path| fs::metadata(path).ok().map(|found| (found.dev(), found.ino()));
        let name = fs::read_to_string(process.join("comm")).unwrap_or_default();
        let at_work = place(&process.join("cwd"));
        name.starts_with("post") && at_work.is_some() && at_work == place(data)
    }

    /// Whether the process it names is there and is a PostgreSQL that was told this `data` folder.
    #[cfg(not(target_os = "linux"))]
    pub(super) fn runs_in(&self, data: &Path) -> bool {
        let pid = self.pid.as_raw_pid().to_string();
        let said = std::process::Command::new("ps").args(["-o", "stat=,command=", "-p", &pid]).output();
        let said =
            said.map(|output| String::from_utf8_lossy(&output.stdout).into_owned()).unwrap_or_default();
        !said.trim_start().starts_with('Z')
            && said.contains("postgres")
            && said.contains(&*data.to_string_lossy())
    }
}

/// Whether any process has that number, ours or not.
pub(super) fn is_taken(pid: Pid) -> bool {
    !matches!(test_kill_process(pid), Err(rustix::io::Errno::SRCH))
}

#[cfg(test)]
mod tests {
    use super::*;

    const READY: &str = "4711\n/srv/data\n1700000000\n5432\n/srv/socket\n\n  5432001  32768\nready   \n";

    #[test]
    fn a_file_of_a_ready_server_tells_everything() {
        let file = PidFile::parse(READY).unwrap();
        assert_eq!(file.pid.as_raw_pid(), 4711);
        assert_eq!(file.port, Some(5432));
        assert_eq!(file.socket.as_deref(), Some(Path::new("/srv/socket")));
        assert!(file.ready);
    }

    #[test]
    fn a_server_that_starts_or_stops_is_not_ready() {
        assert!(!PidFile::parse(&READY.replace("ready", "starting")).unwrap().ready);
        assert!(!PidFile::parse(&READY.replace("ready", "stopping")).unwrap().ready);
        assert!(!PidFile::parse("4711\n/srv/data\n").unwrap().ready);
    }

    #[test]
    fn a_file_that_was_cut_off_names_nobody() {
        assert_eq!(PidFile::parse(""), None);
        assert_eq!(PidFile::parse("\n\n"), None);
        assert_eq!(PidFile::parse("0\n/srv/data\n"), None);
        assert_eq!(PidFile::parse("what\n"), None);
    }

    #[test]
    fn a_stand_alone_backend_is_named_too() {
        assert_eq!(PidFile::parse("-4711\n/srv/data\n").unwrap().pid.as_raw_pid(), 4711);
    }

    #[test]
    fn this_very_process_is_there_but_is_no_postgres() {
        let file = PidFile { pid: rustix::process::getpid(), port: None, socket: None, ready: false };
        assert!(is_taken(file.pid));
        assert!(!file.runs_in(&std::env::current_dir().unwrap()));
    }
}
