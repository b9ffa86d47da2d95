//! Finds the keys that sign sessions, makes one at the first start, and puts changed ones in force.

mod guard;
mod rotation;

use std::{
    fs,
    io::{ErrorKind, Write as _},
    os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _},
    path::{Path, PathBuf},
};

use anyhow::{Context as _, bail};
use zeroize::Zeroizing;

pub use rotation::{Rotation, rotate};

use crate::{
    api::{secrets::Secrets, site::Site},
    config::SessionSettings,
    domain::SessionToken,
    ports::{Entropy as _, OsEntropy},
};

/// Name of the file in the data folder.
pub(super) const FILE: &str = "session-secret";
/// Shortest key that is taken, in bytes.
const SHORTEST: usize = 16;

type Key = Zeroizing<Vec<u8>>;

/// The keys: from the settings, from the file they name, or from the data folder.
///
/// # Errors
/// A file that can't be read or written, one in the data folder that is somebody else's, a key that is too short.
pub fn session_secrets(settings: &SessionSettings, data: &Path) -> anyhow::Result<Secrets> {
    let keys = match file(settings, data) {
        None => settings.secrets.iter().map(|secret| key(secret.reveal())).collect(),
        Some(file) if settings.secrets_file.is_some() => {
            guard::of_named_file(&file);
            read(&file)?
        }
        Some(file) => own(&file)?,
    };
    checked(keys)
}

/// The file that holds the keys; `None` where they stand in the settings themselves.
fn file(settings: &SessionSettings, data: &Path) -> Option<PathBuf> {
    match (&settings.secrets_file, settings.secrets.is_empty()) {
        (Some(file), _) => Some(file.clone()),
        (None, false) => None,
        (None, true) => Some(data.join(FILE)),
    }
}

/// Reads the keys again and puts them in force: for whoever hears SIGHUP. Returns how many there are.
///
/// What was in force stays so if the new ones can't be used.
///
/// # Errors
/// As [`session_secrets`].
pub fn reload_secrets(site: &Site, settings: &SessionSettings, data: &Path) -> anyhow::Result<usize> {
    let secrets = session_secrets(settings, data)?;
    let count = secrets.count();
    site.secrets.change(secrets);
    Ok(count)
}

fn checked(keys: Vec<Key>) -> anyhow::Result<Secrets> {
    if keys.iter().any(|key| key.len() < SHORTEST) {
        bail!(
            "a key that signs sessions is shorter than {SHORTEST} bytes: see session.secrets and session.secrets_file"
        );
    }
    Secrets::new(keys).context("the file of session secrets is empty")
}

fn read(file: &Path) -> anyhow::Result<Vec<Key>> {
    let text = fs::read_to_string(file).map(Zeroizing::new);
    let text = text.with_context(|| format!("the session secrets in {} can't be read", file.display()))?;
    Ok(text.lines().filter(|line| !line.is_empty()).map(key).collect())
}

/// The key in the data folder, made with that folder if need be.
fn own(file: &Path) -> anyhow::Result<Vec<Key>> {
    if let Some(folder) = file.parent() {
        let made = fs::DirBuilder::new().recursive(true).mode(0o700).create(folder);
        made.with_context(|| format!("{} can't be made", folder.display()))?;
    }
    match fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(file) {
        Ok(mut made) => {
            made.write_all(&draw())?;
            made.sync_all()?;
        }
        Err(error) if error.kind() == ErrorKind::AlreadyExists => {}
        Err(error) => return Err(error).with_context(|| format!("{} can't be written", file.display())),
    }
    guard::of_own_file(file)?;
    read(file)
}

/// A new key: 256 random bits as text.
fn draw() -> Key {
    key(&*SessionToken::draw(|bytes| OsEntropy.fill(bytes)).reveal())
}

fn key(text: impl AsRef<str>) -> Key {
    Zeroizing::new(text.as_ref().as_bytes().to_vec())
}
