//! The private PostgreSQL: latchkey's own database server in a folder, when no `database.url` is set.
//!
//! ```text
//! <data folder>/postgres/     mode 0700, belongs to the user who runs PostgreSQL
//!     lock                    who may run it: held by the latchkey that does
//!     data/                   the cluster
//!     socket/                 its only door (or a short folder under /tmp, if this path is too long)
//!     password                of the role `latchkey`
//!     postgres.log
//! ```
//!
//! DESIGN sections 3 and 7. All of this blocks: call it before the runtime starts, and stop it after that has
//! ended.

mod cluster;
mod death_signal;
mod error;
mod files;
mod home;
mod install;
mod leftovers;
mod lock;
mod owner;
mod password;
mod pid_file;
mod postmaster;
mod programs;
mod report;
mod socket;

use std::{
    path::{Path, PathBuf},
    time::Instant,
};

use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};

pub use self::{
    error::EmbeddedError,
    home::{DataFolder, FOLDER_OF_LAST_RESORT, data_folder, data_folder_or, data_folder_to_be, is_made},
    install::install_command,
    report::{Beginning, Report},
};
use self::{
    home::Home,
    lock::{Admission, FolderLock, Purpose, admission},
    password::Password,
    pid_file::PidFile,
    postmaster::Postmaster,
    programs::Programs,
};

/// How PostgreSQL is run. The default is for production.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Settings {
    /// Whether what was committed survives a power cut. `false` is for tests: no fsync.
    pub durable: bool,
    /// Connections at most, of all processes that use this server together.
    pub max_connections: u16,
    /// Whether the role may make databases, as tests do that clone a template. Decided when the data is made.
    pub makes_databases: bool,
}

impl Default for Settings {
    fn default() -> Self {
        Self { durable: true, max_connections: 50, makes_databases: false }
    }
}

/// A PostgreSQL that this process started, and stops when this value is dropped, or one that it joined.
pub struct PrivateServer {
    socket: PathBuf,
    port: u16,
    password: Password,
    report: Report,
    /// `None` when it is somebody else's, or has been stopped.
    ours: Option<Running>,
}

/// What there is to be stopped; the lock goes last.
struct Running {
    home: Home,
    postmaster: Postmaster,
    _lock: FolderLock,
}

impl PrivateServer {
    /// For a server: starts PostgreSQL in `folder` (made if need be) and makes the database at the first
    /// time. Other commands may join while it runs.
    ///
    /// # Errors
    /// [`EmbeddedError::InUse`] when another latchkey serves the folder; each other reason with what to do
    /// about it.
    pub fn serve(folder: &Path) -> Result<Self, EmbeddedError> {
        Self::serve_with(folder, &Settings::default())
    }

    /// As [`PrivateServer::serve`], run in another way.
    ///
    /// # Errors
    /// As [`PrivateServer::serve`].
    pub fn serve_with(folder: &Path, settings: &Settings) -> Result<Self, EmbeddedError> {
        Self::open(folder, settings, Purpose::Serve)
    }

    /// For a command beside the server: joins the PostgreSQL of the latchkey that serves `folder`, or starts
    /// it for itself.
    ///
    /// # Errors
    /// [`EmbeddedError::InUse`] when another command is not done in time; each other reason with what to do
    /// about it.
    pub fn join_or_serve(folder: &Path) -> Result<Self, EmbeddedError> {
        Self::join_or_serve_with(folder, &Settings::default())
    }

    /// As [`PrivateServer::join_or_serve`], run in another way if it has to be started.
    ///
    /// # Errors
    /// As [`PrivateServer::join_or_serve`].
    pub fn join_or_serve_with(folder: &Path, settings: &Settings) -> Result<Self, EmbeddedError> {
        Self::open(folder, settings, Purpose::Command)
    }

    fn open(folder: &Path, settings: &Settings, purpose: Purpose) -> Result<Self, EmbeddedError> {
        let begun = Instant::now();
        let home = Home::prepare(folder)?;
        match admission(&home, purpose)? {
            Admission::Ours(lock) => Self::start(home, lock, settings, begun),
            Admission::Joined(server) => Self::join(&home, server, begun),
        }
    }

    fn start(
        home: Home,
        lock: FolderLock,
        settings: &Settings,
        begun: Instant,
    ) -> Result<Self, EmbeddedError> {
        let made_by = cluster::made_by(&home.data())?;
        let programs = Programs::find(home.owner(), &home.data(), made_by)?;
        let found = leftovers::clear(&home)?;
        let password = match (made_by, Password::kept(&home)?) {
            (None, _) => cluster::make(&home, &programs, settings)?,
            (Some(_), Some(password)) => password,
            (Some(_), None) => cluster::renew_password(&home, &programs, settings)?,
        };
        cluster::write_access_rules(&home)?;
        let socket = socket::prepare(&home)?;
        let postmaster = Postmaster::start(&home, &programs, &socket, settings)?;
        let report = Report {
            version: programs.version.to_string(),
            folder: home.path().into(),
            beginning: if made_by.is_none() { Beginning::First } else { Beginning::Again },
            took: begun.elapsed(),
            user: home.owner().stands_in_for_root().then(|| home.owner().name().into()),
            found,
        };
        let ours = Some(Running { home, postmaster, _lock: lock });
        Ok(Self { socket, port: socket::PORT, password, report, ours })
    }

    fn join(home: &Home, server: PidFile, begun: Instant) -> Result<Self, EmbeddedError> {
        let missing = || std::io::Error::from(std::io::ErrorKind::NotFound);
        let password =
            Password::kept(home)?.ok_or_else(|| EmbeddedError::files("read", home.password())(missing()))?;
        let report = Report {
            version: cluster::made_by(&home.data())?.unwrap_or_default().to_string(),
            folder: home.path().into(),
            beginning: Beginning::Joined,
            took: begun.elapsed(),
            user: None,
            found: None,
        };
        let socket = server.socket.unwrap_or_else(|| home.socket());
        Ok(Self { socket, port: server.port.unwrap_or(socket::PORT), password, report, ours: None })
    }

    /// Where to connect, as role and database `latchkey` over the socket; **holds the password**. For
    /// tokio-postgres and every client on libpq.
    pub fn url(&self) -> String {
        let folder = self.socket.to_string_lossy();
        let host = utf8_percent_encode(&folder, NON_ALPHANUMERIC);
        format!("postgresql://latchkey:{}@{host}:{}/latchkey", self.password.reveal(), self.port)
    }

    /// What to tell the operator.
    pub fn report(&self) -> &Report {
        &self.report
    }

    /// Ends PostgreSQL if this process started it: throws its clients out and waits, at most half a minute.
    ///
    /// # Errors
    /// [`EmbeddedError::NotStopped`].
    pub fn stop(mut self) -> Result<(), EmbeddedError> {
        self.end()
    }

    fn end(&mut self) -> Result<(), EmbeddedError> {
        let Some(Running { home, postmaster, _lock }) = self.ours.take() else { return Ok(()) };
        postmaster.stop(&home)?;
        socket::dispose(&self.socket, &home);
        Ok(())
    }
}

impl Drop for PrivateServer {
    fn drop(&mut self) {
        if let Err(error) = self.end() {
            tracing::error!(%error, "the private PostgreSQL was not stopped");
        }
    }
}
