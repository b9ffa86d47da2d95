//! Finds the keys that sign sessions, or makes one at the first start.

use std::{
    fs,
    io::{ErrorKind, Write as _},
    os::unix::fs::OpenOptionsExt as _,
    path::Path,
};

use anyhow::{Context as _, bail};
use zeroize::Zeroizing;

use crate::{
    api::secrets::Secrets,
    config::SessionSettings,
    domain::SessionToken,
    ports::{Entropy as _, OsEntropy},
};

/// Name of the file in the data folder.
const FILE: &str = "session-secret";
/// Shortest key that is taken, in bytes.
const SHORTEST: usize = 16;

/// The keys: from the settings, from the file they name, or from the data folder.
///
/// # Errors
/// A file that can't be read or written, a key that is too short.
pub fn session_secrets(settings: &SessionSettings, data: &Path) -> anyhow::Result<Secrets> {
    let keys = match (&settings.secrets_file, settings.secrets.is_empty()) {
        (Some(file), _) => read(file)?,
        (None, false) => settings.secrets.iter().map(|secret| key(&secret.0)).collect(),
        (None, true) => own(&data.join(FILE))?,
    };
    if keys.iter().any(|key| key.len() < SHORTEST) {
        bail!("a session secret is shorter than {SHORTEST} bytes");
    }
    Secrets::new(keys).context("the file of session secrets is empty")
}

fn read(file: &Path) -> anyhow::Result<Vec<Zeroizing<Vec<u8>>>> {
    let text = fs::read_to_string(file).map(Zeroizing::new);
    let text = text.with_context(|| format!("the session secrets in {} can't be read", file.display()))?;
    Ok(text.lines().filter(|line| !line.is_empty()).map(key).collect())
}

fn own(file: &Path) -> anyhow::Result<Vec<Zeroizing<Vec<u8>>>> {
    let secret = SessionToken::draw(|bytes| OsEntropy.fill(bytes)).reveal();
    match fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(file) {
        Ok(mut made) => {
            made.write_all(secret.as_bytes())?;
            made.sync_all()?;
        }
        Err(error) if error.kind() == ErrorKind::AlreadyExists => {}
        Err(error) => return Err(error).with_context(|| format!("{} can't be written", file.display())),
    }
    read(file)
}

fn key(text: impl AsRef<str>) -> Zeroizing<Vec<u8>> {
    Zeroizing::new(text.as_ref().as_bytes().to_vec())
}
