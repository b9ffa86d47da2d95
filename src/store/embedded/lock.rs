//! The lock that says who may run PostgreSQL in a folder; the kernel lets go of it however its holder ends.

use std::{
    fs::{File, TryLockError},
    io::{self, Read, Write},
    thread,
    time::{Duration, Instant},
};

use rustix::process::Pid;

use super::{
    error::EmbeddedError,
    files::private_file,
    home::Home,
    pid_file::{Found, PidFile, is_taken},
};

/// A latchkey that is about to end, or that a supervisor replaces, may take this long to let go.
const PATIENCE_WITH_A_SERVER: Duration = Duration::from_secs(1);
/// Commands are short; a server that starts meanwhile waits for them.
const PATIENCE_WITH_A_COMMAND: Duration = Duration::from_secs(10);
/// A command waits for a server that prepares its database, or for another command.
const PATIENCE_OF_A_COMMAND: Duration = Duration::from_secs(60);
const GLANCE: Duration = Duration::from_millis(10);

/// What for the folder is wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Purpose {
    /// To serve: others may join.
    Serve,
    /// For one command: its PostgreSQL ends with it, so nobody may join.
    Command,
}

impl Purpose {
    fn word(self) -> &'static str {
        match self {
            Self::Serve => "serve",
            Self::Command => "command",
        }
    }
}

/// The lock, held until dropped.
pub(super) struct FolderLock(#[expect(dead_code, reason = "held, not used: dropping it unlocks")] File);

/// How the folder was come by.
pub(super) enum Admission {
    /// It is ours to run PostgreSQL in.
    Ours(FolderLock),
    /// Another latchkey serves it, and its PostgreSQL is ready.
    Joined(PidFile),
}

/// Who holds the lock, as far as that one said.
#[derive(Debug, PartialEq, Eq)]
struct Holder {
    pid: Option<i32>,
    purpose: Option<Purpose>,
}

/// Waits until the folder is ours, or (for a command) until the PostgreSQL of a running server can be joined.
///
/// # Errors
/// `InUse` and `NothingToJoin` when neither happens in time, `Files` when the lock file can't be opened.
pub(super) fn admission(home: &Home, purpose: Purpose) -> Result<Admission, EmbeddedError> {
    let begun = Instant::now();
    let mut file =
        private_file(&home.lock(), home.owner()).map_err(EmbeddedError::files("open", home.lock()))?;
    loop {
        if take(&mut file, purpose).map_err(EmbeddedError::files("lock", home.lock()))? {
            return Ok(Admission::Ours(FolderLock(file)));
        }
        let holder = Holder::named_in(&mut file);
        if purpose == Purpose::Command
            && let Some(server) = holder.server_in(home)
        {
            return Ok(Admission::Joined(server));
        }
        if begun.elapsed() > patience(purpose, &holder) {
            return Err(refusal(home, purpose, &holder));
        }
        thread::sleep(GLANCE);
    }
}

fn take(file: &mut File, purpose: Purpose) -> io::Result<bool> {
    match file.try_lock() {
        Ok(()) => {
            file.set_len(0)?;
            writeln!(file, "{} {}", std::process::id(), purpose.word())?;
            Ok(true)
        }
        Err(TryLockError::WouldBlock) => Ok(false),
        Err(TryLockError::Error(error)) => Err(error),
    }
}

fn patience(purpose: Purpose, holder: &Holder) -> Duration {
    match (purpose, holder.purpose) {
        (Purpose::Command, _) => PATIENCE_OF_A_COMMAND,
        (Purpose::Serve, Some(Purpose::Serve)) => PATIENCE_WITH_A_SERVER,
        (Purpose::Serve, _) => PATIENCE_WITH_A_COMMAND,
    }
}

fn refusal(home: &Home, purpose: Purpose, holder: &Holder) -> EmbeddedError {
    let folder = home.path().parent().unwrap_or(home.path()).into();
    if purpose == Purpose::Command && holder.purpose == Some(Purpose::Serve) {
        return EmbeddedError::NothingToJoin { folder, pid: holder.pid, log: home.log() };
    }
    EmbeddedError::InUse { folder, pid: holder.pid }
}

impl Holder {
    fn named_in(file: &mut File) -> Self {
        let mut text = String::new();
        let read = io::Seek::rewind(file).and_then(|()| file.read_to_string(&mut text));
        Self::parse(if read.is_ok() { &text } else { "" })
    }

    fn parse(text: &str) -> Self {
        let mut words = text.split_whitespace();
        let pid = words.next().and_then(|pid| pid.parse().ok());
        let word = words.next();
        let purpose =
            [Purpose::Serve, Purpose::Command].into_iter().find(|purpose| word == Some(purpose.word()));
        Self { pid, purpose }
    }

    /// The PostgreSQL of this holder, if it serves and is ready. A holder that is gone has only just been
    /// followed by another, who has yet to write its own name.
    fn server_in(&self, home: &Home) -> Option<PidFile> {
        let here = self.pid.and_then(Pid::from_raw).is_some_and(is_taken);
        if self.purpose != Some(Purpose::Serve) || !here {
            return None;
        }
        match PidFile::look(&home.data()) {
            Ok(Found::Names(server)) if server.ready && server.runs_in(&home.data()) => Some(server),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_lock_file_names_its_holder_and_what_for() {
        assert_eq!(Holder::parse("4711 serve\n"), Holder { pid: Some(4711), purpose: Some(Purpose::Serve) });
        assert_eq!(Holder::parse("12 command\n"), Holder { pid: Some(12), purpose: Some(Purpose::Command) });
    }

    #[test]
    fn a_lock_file_that_is_being_written_names_nobody() {
        assert_eq!(Holder::parse(""), Holder { pid: None, purpose: None });
        assert_eq!(Holder::parse("4711 "), Holder { pid: Some(4711), purpose: None });
    }

    #[test]
    fn a_server_waits_for_a_command_and_hardly_for_another_server() {
        let with = |purpose| patience(Purpose::Serve, &Holder { pid: None, purpose });
        assert!(with(Some(Purpose::Serve)) < with(Some(Purpose::Command)));
        assert_eq!(with(None), with(Some(Purpose::Command)));
    }
}
