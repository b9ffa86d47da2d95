//! Files and folders that only their owner may read, made so that no link can lead root astray.

use std::{
    fs::{self, DirBuilder, File, OpenOptions, Permissions},
    io::{self, Read, Write},
    os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt, PermissionsExt},
    path::{Path, PathBuf},
};

use rustix::fs::OFlags;

use super::owner::Owner;

const FOLDER_MODE: u32 = 0o700;
const FILE_MODE: u32 = 0o600;

/// Opens the folder itself, never what a link of that name points to.
pub(super) fn open_folder(path: &Path) -> io::Result<File> {
    let flags = OFlags::DIRECTORY | OFlags::NOFOLLOW;
    OpenOptions::new().read(true).custom_flags(flags.bits().cast_signed()).open(path)
}

/// Makes the folder unless it is there, then sees to its owner and its mode 0700.
///
/// # Errors
/// What the system says; also when something else than a folder has that name.
pub(super) fn private_folder(path: &Path, owner: &Owner) -> io::Result<()> {
    match DirBuilder::new().mode(FOLDER_MODE).create(path) {
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => return Err(error),
        _ => {}
    }
    let folder = open_folder(path)?;
    owner.receives(&folder)?;
    folder.set_permissions(Permissions::from_mode(FOLDER_MODE))
}

/// Opens a file of mode 0600 to read and append, and makes it first if need be.
///
/// # Errors
/// What the system says; also when that name belongs to a link, or to something that is not a plain file.
pub(super) fn private_file(path: &Path, owner: &Owner) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.read(true).append(true).mode(FILE_MODE).custom_flags(OFlags::NOFOLLOW.bits().cast_signed());
    match options.clone().create_new(true).open(path) {
        Ok(file) => {
            owner.receives(&file)?;
            Ok(file)
        }
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
            let file = options.open(path)?;
            let found = file.metadata()?;
            // A second name for it could be somebody else's file.
            if found.is_file() && found.nlink() <= 1 { Ok(file) } else { Err(not_plain()) }
        }
        Err(error) => Err(error),
    }
}

/// Reads a small text file, but not through a link.
///
/// # Errors
/// What the system says.
pub(super) fn read(path: &Path) -> io::Result<String> {
    let flags = OFlags::NOFOLLOW | OFlags::NONBLOCK;
    let mut file = OpenOptions::new().read(true).custom_flags(flags.bits().cast_signed()).open(path)?;
    let mut text = String::new();
    file.read_to_string(&mut text)?;
    Ok(text)
}

/// Puts a file of mode 0600 in place whole, whatever had that name before.
///
/// # Errors
/// What the system says.
pub(super) fn replace(path: &Path, text: &str, owner: &Owner) -> io::Result<()> {
    let side = with_ending(path, ".new");
    remove(&side)?;
    let mut file = OpenOptions::new().write(true).create_new(true).mode(FILE_MODE).open(&side)?;
    file.write_all(text.as_bytes())?;
    owner.receives(&file)?;
    file.sync_all()?;
    fs::rename(&side, path)
}

/// Removes a file if it is there.
///
/// # Errors
/// What the system says, unless that is "not there".
pub(super) fn remove(path: &Path) -> io::Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

/// The path with some more letters at its end.
pub(super) fn with_ending(path: &Path, ending: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(ending);
    name.into()
}

fn not_plain() -> io::Error {
    io::Error::new(io::ErrorKind::InvalidInput, "not a plain file of its own")
}
