//! A listening Unix socket: takes the place of a stale one, never of one where somebody listens, and cleans up.

use std::{
    fs::{self, Permissions},
    io,
    os::unix::{
        fs::{FileTypeExt, MetadataExt, PermissionsExt},
        net::{UnixListener as StdListener, UnixStream},
    },
    path::{Path, PathBuf},
};
use tokio::net::UnixListener;

/// A listening socket with its file, which goes when this does.
pub(super) struct UnixSocket {
    pub(super) listener: UnixListener,
    file: Option<OwnFile>,
}

/// The file as it was when it was made: device, inode. Another one at the same path belongs to somebody else.
struct OwnFile {
    path: PathBuf,
    identity: (u64, u64),
}

impl UnixSocket {
    /// Binds. The socket gets its mode before it gets its name, and takes the name over in one step.
    pub(super) fn bind(path: &Path, mode: u32) -> io::Result<Self> {
        make_way(path)?;
        let name = path.file_name().ok_or(io::ErrorKind::InvalidInput)?.to_string_lossy();
        let fresh = path.with_file_name(format!(".{name}.{}", std::process::id()));
        let _ = fs::remove_file(&fresh);
        let listener = StdListener::bind(&fresh)?;
        fs::set_permissions(&fresh, Permissions::from_mode(mode))
            .and_then(|()| fs::rename(&fresh, path))
            .inspect_err(|_| drop(fs::remove_file(&fresh)))?;
        let identity = identity(path)?;
        let mut socket = Self::over(listener)?;
        socket.file = Some(OwnFile { path: path.to_owned(), identity });
        Ok(socket)
    }

    /// A socket that listens already and whose file is somebody else's business.
    pub(super) fn over(listener: StdListener) -> io::Result<Self> {
        listener.set_nonblocking(true)?;
        Ok(Self { listener: UnixListener::from_std(listener)?, file: None })
    }
}

impl Drop for OwnFile {
    fn drop(&mut self) {
        if identity(&self.path).is_ok_and(|found| found == self.identity) {
            let _ = fs::remove_file(&self.path);
        }
    }
}

fn identity(path: &Path) -> io::Result<(u64, u64)> {
    fs::symlink_metadata(path).map(|file| (file.dev(), file.ino()))
}

/// Refuses where somebody listens, and where something lies that is no socket.
fn make_way(path: &Path) -> io::Result<()> {
    let found = match fs::symlink_metadata(path) {
        Err(fault) if fault.kind() == io::ErrorKind::NotFound => return Ok(()),
        found => found?,
    };
    if !found.file_type().is_socket() {
        return Err(io::Error::new(io::ErrorKind::AlreadyExists, "there is a file that is no socket"));
    }
    match UnixStream::connect(path) {
        Ok(_) => Err(io::Error::new(io::ErrorKind::AddrInUse, "somebody listens there")),
        Err(fault) if fault.kind() == io::ErrorKind::ConnectionRefused => Ok(()),
        Err(fault) => Err(fault),
    }
}
