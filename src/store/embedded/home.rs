//! Where everything of the private PostgreSQL lies, and which folder the data goes to.

use std::{
    fs::{self, DirBuilder},
    io,
    os::unix::fs::DirBuilderExt,
    path::{Path, PathBuf},
};

use super::{
    error::EmbeddedError,
    files::{open_folder, private_folder},
    owner::Owner,
};

/// Where the data of a server goes that root starts in a folder which nobody else can enter (DESIGN section
/// 7).
pub const FOLDER_OF_LAST_RESORT: &str = "/var/lib/latchkey";

/// The folder that the data really goes to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DataFolder {
    path: PathBuf,
    notice: Option<String>,
}

impl DataFolder {
    /// The folder: there, absolute, without links in it.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// One sentence for the operator when this is not the folder that was asked for.
    pub fn notice(&self) -> Option<&str> {
        self.notice.as_deref()
    }
}

/// Decides where the data goes and makes that folder (mode 0700, if it has to be made).
///
/// That is `wanted`, unless we are root and the user as whom PostgreSQL would run can't enter it, as below a
/// home directory of mode 0700: then it is [`FOLDER_OF_LAST_RESORT`], with a notice.
///
/// # Errors
/// `Files` when a folder can't be made, `OutOfReach` when both are closed to that user, and those of
/// ownership.
pub fn data_folder(wanted: &Path) -> Result<DataFolder, EmbeddedError> {
    data_folder_or(wanted, Path::new(FOLDER_OF_LAST_RESORT))
}

/// As [`data_folder`], with another folder of last resort.
///
/// # Errors
/// As [`data_folder`].
pub fn data_folder_or(wanted: &Path, last_resort: &Path) -> Result<DataFolder, EmbeddedError> {
    match settle(wanted) {
        Ok((path, _)) => Ok(DataFolder { path, notice: None }),
        Err(EmbeddedError::OutOfReach { folder, user }) => {
            let (path, _) = settle(last_resort)?;
            let notice = format!(
                "The data is in {}, not in {}: PostgreSQL runs as user {user}, who can't enter the latter.",
                path.display(),
                folder.display()
            );
            Ok(DataFolder { path, notice: Some(notice) })
        }
        Err(error) => Err(error),
    }
}

/// The folder that [`data_folder`] would return. Makes nothing itself; one that can't be used is returned as it was wanted,
/// and whoever goes on there is told why.
pub fn data_folder_to_be(wanted: &Path) -> PathBuf {
    match reach(wanted) {
        Ok((folder, _)) => folder,
        Err(EmbeddedError::OutOfReach { .. }) => FOLDER_OF_LAST_RESORT.into(),
        Err(_) => wanted.into(),
    }
}

/// Whether a PostgreSQL was made before in the folder that [`data_folder`] would return. Makes nothing itself.
pub fn is_made(wanted: &Path) -> bool {
    // What can't be looked at is taken for made: whoever goes on is told why it can't be used.
    data_folder_to_be(wanted).join(Home::NAME).join("data").try_exists().unwrap_or(true)
}

/// Makes the folder if need be and finds out whose it is; `OutOfReach` if its owner to be can't get there.
fn settle(wanted: &Path) -> Result<(PathBuf, Owner), EmbeddedError> {
    // Asked before anything is made, so that nothing is left behind in a folder that will not be used.
    let (wanted, owner) = reach(wanted)?;
    make(&wanted, &owner).map_err(EmbeddedError::files("make", &wanted))?;
    let path = fs::canonicalize(&wanted).map_err(EmbeddedError::files("find", &wanted))?;
    if owner.can_enter(&path) { Ok((path, owner)) } else { Err(out_of_reach(&wanted, &owner)) }
}

/// The absolute path and who owns it, or shall own it; `OutOfReach` if that user can't get there.
fn reach(wanted: &Path) -> Result<(PathBuf, Owner), EmbeddedError> {
    let wanted = std::path::absolute(wanted).map_err(EmbeddedError::files("find", wanted))?;
    let owner = Owner::of(&wanted.join(Home::NAME))?;
    let nearest = wanted.ancestors().find(|folder| folder.exists()).unwrap_or(&wanted);
    if owner.can_enter(nearest) { Ok((wanted, owner)) } else { Err(out_of_reach(&wanted, &owner)) }
}

fn out_of_reach(folder: &Path, owner: &Owner) -> EmbeddedError {
    EmbeddedError::OutOfReach { folder: folder.into(), user: owner.name().into() }
}

/// A folder that is there already keeps its mode and owner: it may be `/srv` or the working directory.
fn make(folder: &Path, owner: &Owner) -> io::Result<()> {
    if let Some(parent) = folder.parent() {
        fs::create_dir_all(parent)?;
    }
    match DirBuilder::new().mode(0o700).create(folder) {
        Ok(()) => owner.receives(&open_folder(folder)?),
        Err(_) if folder.is_dir() => Ok(()),
        Err(error) => Err(error),
    }
}

/// The one folder inside the data folder that belongs to PostgreSQL alone.
pub(super) struct Home {
    folder: PathBuf,
    owner: Owner,
}

impl Home {
    const NAME: &str = "postgres";

    /// Makes the folder inside `folder`, mode 0700, or finds it again.
    ///
    /// # Errors
    /// As [`data_folder`], without the last resort.
    pub(super) fn prepare(folder: &Path) -> Result<Self, EmbeddedError> {
        let (folder, owner) = settle(folder)?;
        let home = Self { folder: folder.join(Self::NAME), owner };
        private_folder(&home.folder, &home.owner).map_err(EmbeddedError::files("make", &home.folder))?;
        Ok(home)
    }

    pub(super) fn path(&self) -> &Path {
        &self.folder
    }

    pub(super) fn owner(&self) -> &Owner {
        &self.owner
    }

    /// The cluster, as initdb makes it.
    pub(super) fn data(&self) -> PathBuf {
        self.folder.join("data")
    }

    /// The file whose lock says who may run PostgreSQL here.
    pub(super) fn lock(&self) -> PathBuf {
        self.folder.join("lock")
    }

    pub(super) fn password(&self) -> PathBuf {
        self.folder.join("password")
    }

    pub(super) fn log(&self) -> PathBuf {
        self.folder.join("postgres.log")
    }

    /// Where the socket lies, unless the path is too long for one.
    pub(super) fn socket(&self) -> PathBuf {
        self.folder.join("socket")
    }
}
