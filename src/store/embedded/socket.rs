//! The folder of the database's socket: in the home, or a short private one when that path is too long for a
//! socket.

use std::{
    env, fs, io,
    os::unix::fs::{DirBuilderExt, MetadataExt},
    path::{Path, PathBuf},
};

use sha2::{Digest, Sha256};

use super::{
    error::EmbeddedError,
    files::{open_folder, private_folder, remove},
    home::Home,
    owner::Owner,
};

/// The port is only part of the socket's name: nothing listens on the network.
pub(super) const PORT: u16 = 5432;
/// What a `sockaddr_un` holds without its final NUL: 108 bytes on Linux, 104 on the BSDs and macOS.
const LONGEST_PATH: usize = if cfg!(target_os = "linux") { 107 } else { 103 };

/// Makes the folder for the socket, mode 0700, and empties it of what a server that was cut off left behind.
///
/// To be called under the folder's lock, with no PostgreSQL at work.
///
/// # Errors
/// `SocketFolder` when a folder of that name is not the owner's alone, `Files` when it can't be made.
pub(super) fn prepare(home: &Home) -> Result<PathBuf, EmbeddedError> {
    let inside = home.socket();
    let folder = if holds_a_socket(&inside) {
        private_folder(&inside, home.owner()).map_err(EmbeddedError::files("make", &inside))?;
        inside
    } else {
        outside(home)?
    };
    for name in [format!(".s.PGSQL.{PORT}"), format!(".s.PGSQL.{PORT}.lock")] {
        let left_behind = folder.join(name);
        remove(&left_behind).map_err(EmbeddedError::files("remove", &left_behind))?;
    }
    Ok(folder)
}

/// Removes the folder if it is not in the home; to be called once PostgreSQL has ended.
pub(super) fn dispose(folder: &Path, home: &Home) {
    if folder != home.socket() {
        // Left where it is, it would be found and used again.
        let _ = fs::remove_dir(folder);
    }
}

/// Besides the length, the letters count: PostgreSQL and its clients split lists of folders at commas, and
/// quote.
fn holds_a_socket(folder: &Path) -> bool {
    let longest = folder.join(format!(".s.PGSQL.{PORT}"));
    let harmless = |c: char| c.is_alphanumeric() || "/._-+@%=~:#".contains(c);
    longest.as_os_str().len() <= LONGEST_PATH
        && folder.to_str().is_some_and(|path| path.chars().all(harmless))
}

fn outside(home: &Home) -> Result<PathBuf, EmbeddedError> {
    let digest = Sha256::digest(home.path().as_os_str().as_encoded_bytes());
    let mark: String = digest.iter().take(8).map(|byte| format!("{byte:02x}")).collect();
    let name = format!("latchkey-{}-{mark}", home.owner().uid());
    let usable = |place: &PathBuf| holds_a_socket(&place.join(&name)) && home.owner().can_enter(place);
    let place = [env::temp_dir(), "/tmp".into()].into_iter().find(usable).unwrap_or_else(|| "/tmp".into());
    let folder = place.join(name);
    claim(&folder, home.owner())?;
    Ok(folder)
}

/// Anybody may make folders there, so one that we find has to prove that it is the owner's and nobody else's.
fn claim(folder: &Path, owner: &Owner) -> Result<(), EmbeddedError> {
    let files = |error| EmbeddedError::Files { doing: "make", path: folder.into(), cause: error };
    match fs::DirBuilder::new().mode(0o700).create(folder) {
        Ok(()) => open_folder(folder).and_then(|made| owner.receives(&made)).map_err(files),
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
            let refuse = |why| Err(EmbeddedError::SocketFolder { folder: folder.into(), why });
            let Ok(handle) = open_folder(folder) else { return refuse("it is a link, or closed to us") };
            let found = handle.metadata().map_err(files)?;
            if found.uid() != owner.uid() {
                return refuse("it belongs to another user");
            }
            if found.mode() & 0o077 != 0 { refuse("other users may enter it") } else { Ok(()) }
        }
        Err(error) => Err(files(error)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_of_at_most_107_bytes_holds_a_socket() {
        let folder = |length: usize| PathBuf::from(format!("/{}", "x".repeat(length - 1)));
        let room = LONGEST_PATH - "/.s.PGSQL.5432".len();
        assert!(holds_a_socket(&folder(room)));
        assert!(!holds_a_socket(&folder(room + 1)));
    }

    #[test]
    fn a_path_that_would_have_to_be_quoted_holds_none() {
        assert!(holds_a_socket(Path::new("/srv/latchkey-1.0/postgres/socket")));
        for odd in ["/srv/a,b", "/srv/a b", "/srv/it's", "/srv/a\\b", "/srv/a\"b"] {
            assert!(!holds_a_socket(Path::new(odd)), "{odd}");
        }
    }
}
