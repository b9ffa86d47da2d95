//! What can go wrong with the private PostgreSQL, each with what to do about it.

use std::{io, path::PathBuf};

/// Why there is no private PostgreSQL. Every sentence ends with the way out: its reader is an operator at a
/// prompt.
#[derive(Debug, thiserror::Error)]
pub enum EmbeddedError {
    /// No server programs anywhere.
    #[error(
        "no PostgreSQL server programs were found on PATH, by pg_config or in the usual folders. \
         Install them ({install}), or set database.url to a PostgreSQL that you run yourself"
    )]
    NoPrograms {
        /// The one command for this system.
        install: String,
    },
    /// Only programs that are older than this server supports.
    #[error(
        "the newest PostgreSQL programs here are {found}, and latchkey needs {oldest} or later. \
         Install newer ones ({install}), or set database.url to a PostgreSQL that you run yourself"
    )]
    TooOld {
        /// The newest version that was found.
        found: String,
        /// The oldest major version that will do.
        oldest: u16,
        /// The one command for this system.
        install: String,
    },
    /// The data was made by another major version than the programs at hand.
    #[error(
        "the data in {} was made by PostgreSQL {made_by}, but only the programs of {found} are installed, and \
         PostgreSQL does not open the files of another major version. Either install the programs of {made_by} \
         ({install}) and start again; or, with both installed, carry the data over with pg_upgrade (superuser \
         postgres); or start {made_by} elsewhere, pg_dump its database latchkey and restore it under a new --data folder",
        data.display()
    )]
    OtherMajor {
        /// The data folder of PostgreSQL.
        data: PathBuf,
        /// The major version that made the data.
        made_by: u16,
        /// The versions that are installed.
        found: String,
        /// The one command that installs `made_by` on this system.
        install: String,
    },
    /// Another latchkey holds the folder.
    #[error(
        "{} is in use by another latchkey{}. Stop that one first, or give this one a folder of its own with --data",
        folder.display(), pid.map(|pid| format!(" (pid {pid})")).unwrap_or_default()
    )]
    InUse {
        /// The folder that was wanted.
        folder: PathBuf,
        /// The process that holds it, if it said so.
        pid: Option<i32>,
    },
    /// Another latchkey serves the folder, but its PostgreSQL is not there to be joined.
    #[error(
        "another latchkey{} serves {}, but its PostgreSQL does not run. Look into {}, then stop that latchkey and \
         start it again",
        pid.map(|pid| format!(" (pid {pid})")).unwrap_or_default(), folder.display(), log.display()
    )]
    NothingToJoin {
        /// The folder that was wanted.
        folder: PathBuf,
        /// The process that holds it, if it said so.
        pid: Option<i32>,
        /// Where PostgreSQL writes its log.
        log: PathBuf,
    },
    /// Root runs PostgreSQL as somebody else, who can't get to the folder.
    #[error(
        "PostgreSQL refuses to run as root, and user {user}, as whom it would run, can't enter {}. \
         Choose another folder with --data, such as /var/lib/latchkey, or start latchkey as an ordinary user",
        folder.display()
    )]
    OutOfReach {
        /// The folder that was wanted.
        folder: PathBuf,
        /// The unprivileged user.
        user: String,
    },
    /// Root, and nobody to hand over to.
    #[error(
        "PostgreSQL refuses to run as root, and this system has neither a sudo user nor the users postgres and nobody. \
         Start latchkey as an ordinary user, or make one: useradd --system postgres"
    )]
    NobodyElse,
    /// The folder belongs to another user.
    #[error(
        "{} belongs to user {owner}. Start latchkey as that user or as root, or choose another folder with --data",
        folder.display()
    )]
    Foreign {
        /// The private folder of PostgreSQL.
        folder: PathBuf,
        /// Its owner.
        owner: String,
    },
    /// The folder holds something and belongs to root, who may not run PostgreSQL.
    #[error(
        "{folder} belongs to root, and PostgreSQL refuses to run as root. Give it to the user who shall run it: \
         chown -R {user} {folder}",
        folder = folder.display()
    )]
    RootOwned {
        /// The private folder of PostgreSQL.
        folder: PathBuf,
        /// A user who would do.
        user: String,
    },
    /// There is something in the data folder that is not a PostgreSQL cluster.
    #[error(
        "{} is not empty, but holds no PostgreSQL data (no PG_VERSION). Move it away or bring the missing files \
         back, then start again",
        data.display()
    )]
    NoCluster {
        /// The data folder of PostgreSQL.
        data: PathBuf,
    },
    /// A program that prepares the cluster failed.
    #[error(
        "{program} could not prepare {}: {said}. Put that right and start again; nothing was kept of this attempt",
        folder.display()
    )]
    NotPrepared {
        /// The program's name.
        program: &'static str,
        /// Where it worked.
        folder: PathBuf,
        /// The last lines it wrote.
        said: String,
    },
    /// PostgreSQL ended instead of getting ready.
    #[error(
        "PostgreSQL did not start: {said}. Put that right and start again; all of its words are in {}",
        log.display()
    )]
    NotStarted {
        /// The last lines it wrote.
        said: String,
        /// Where it writes its log.
        log: PathBuf,
    },
    /// PostgreSQL did not get ready in time.
    #[error("PostgreSQL was not ready after {seconds} s. Look into {}, and start again", log.display())]
    NotReady {
        /// How long it was given.
        seconds: u64,
        /// Where it writes its log.
        log: PathBuf,
    },
    /// A PostgreSQL does not end when told to.
    #[error("PostgreSQL (pid {pid}) does not end. Look into {}, and end it with: kill -QUIT {pid}", log.display())]
    NotStopped {
        /// Its process.
        pid: i32,
        /// Where it writes its log.
        log: PathBuf,
    },
    /// The folder for the socket is not ours alone.
    #[error("{} would hold the database's socket, but {why}. Remove it and start again", folder.display())]
    SocketFolder {
        /// The folder.
        folder: PathBuf,
        /// What is wrong with it.
        why: &'static str,
    },
    /// A file or folder could not be made, read or removed.
    #[error(
        "can't {doing} {}: {cause}. See to its rights and the free space, or choose another folder with --data",
        path.display()
    )]
    Files {
        /// What was tried.
        doing: &'static str,
        /// With what.
        path: PathBuf,
        /// What the system said.
        cause: io::Error,
    },
    /// A program could not be started at all.
    #[error("can't run {}: {cause}. Look whether user {user} may execute it", program.display())]
    NotRun {
        /// The program.
        program: PathBuf,
        /// As whom it should have run.
        user: String,
        /// What the system said.
        cause: io::Error,
    },
    /// The system gave no random bytes for the database password.
    #[error("the system gave no random bytes ({0}). Start again when its random source works")]
    NoRandomness(getrandom::Error),
}

impl EmbeddedError {
    /// For `map_err`: what was being done to which path when the system refused.
    pub(super) fn files<P: Into<PathBuf>>(doing: &'static str, path: P) -> impl FnOnce(io::Error) -> Self {
        move |cause| Self::Files { doing, path: path.into(), cause }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_system_said_is_told_once() {
        let error = EmbeddedError::files("make", "/srv")(io::Error::other("no room"));
        let told = format!("{:#}", anyhow::Error::from(error));
        assert_eq!(told.matches("no room").count(), 1, "{told}");
    }
}
