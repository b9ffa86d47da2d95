//! Clears away what a latchkey or a PostgreSQL that was killed has left in the folder.

use super::{
    error::EmbeddedError,
    files::remove,
    home::Home,
    pid_file::{Found, PidFile, is_taken},
    postmaster,
};

/// Ends a PostgreSQL that outlived its latchkey and removes a pid file that would keep a new one from
/// starting. Gives back a sentence on what was found.
///
/// To be called under the folder's lock: whoever runs here then has nobody left to serve. It is ended rather
/// than taken over, because only a child of ours ends when we are killed.
///
/// # Errors
/// `NotStopped` when it does not end, `Files` when the pid file can't be read or removed.
pub(super) fn clear(home: &Home) -> Result<Option<String>, EmbeddedError> {
    let data = home.data();
    let path = PidFile::path(&data);
    let discard = || remove(&path).map_err(EmbeddedError::files("remove", &path));
    match PidFile::look(&data).map_err(EmbeddedError::files("read", &path))? {
        Found::Nothing => Ok(None),
        Found::Unreadable => {
            discard()?;
            Ok(Some("removed an empty pid file".into()))
        }
        Found::Names(file) if file.runs_in(&data) => {
            postmaster::end(file.pid, || !file.runs_in(&data), home)?;
            Ok(Some(format!("ended PostgreSQL {}, left behind by a latchkey that was killed", file.pid)))
        }
        // PostgreSQL would take whoever has the number now for a PostgreSQL, and refuse to start.
        Found::Names(file) if is_taken(file.pid) => {
            discard()?;
            Ok(Some(format!(
                "removed the pid file of PostgreSQL {}, whose number another program has now",
                file.pid
            )))
        }
        // Left to PostgreSQL: before it replaces the file it looks by it for processes that still use the
        // data.
        Found::Names(file) => Ok(Some(format!("PostgreSQL {} had been cut off", file.pid))),
    }
}
