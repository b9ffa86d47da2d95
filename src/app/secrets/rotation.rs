//! Changes the file of keys: a new one to sign with, while what the old ones signed stays good.

use std::{
    fs::{self, File},
    io::Write as _,
    os::unix::fs::{MetadataExt as _, OpenOptionsExt as _, chown},
    path::{Path, PathBuf},
};

use anyhow::{Context as _, bail};
use zeroize::Zeroizing;

use super::{Key, checked, draw, file, read};
use crate::config::SessionSettings;

/// What to do with the keys.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rotation {
    /// A new key signs from now on; all others go on verifying.
    New,
    /// A new key verifies, and does not sign yet: the first step where several instances have copies of the file.
    Behind,
    /// The key that was put behind signs from now on: the second step.
    Promote,
    /// Only the key that signs stays. Whatever others signed is no good any more.
    DropOld,
}

/// Changes the file and returns where it is and how many keys it holds now. What runs goes on with the keys that it
/// read, until it reads them again.
///
/// # Errors
/// Keys that stand in the settings themselves, a file that can't be read or replaced, a step that does not fit.
pub fn rotate(settings: &SessionSettings, data: &Path, step: Rotation) -> anyhow::Result<(PathBuf, usize)> {
    let Some(file) = file(settings, data) else {
        bail!("the keys stand in session.secrets; change them there, or move them into session.secrets_file")
    };
    if settings.secrets_file.is_none() && matches!(file.try_exists(), Ok(false)) {
        bail!(
            "there are no keys here: {} is not there. Name the server's configuration with --config, or its folder with \
             --data; the first start makes a key",
            file.display()
        );
    }
    let keys = changed(read(&file)?, step)?;
    checked(keys.clone())?;
    replace(&file, &keys)?;
    Ok((file, keys.len()))
}

fn changed(mut keys: Vec<Key>, step: Rotation) -> anyhow::Result<Vec<Key>> {
    match step {
        Rotation::New => keys.insert(0, draw()),
        Rotation::Behind => keys.insert(keys.len().min(1), draw()),
        Rotation::Promote if keys.len() < 2 => bail!("there is only one key; put one --behind it first"),
        Rotation::Promote => keys.swap(0, 1),
        Rotation::DropOld => keys.truncate(1),
    }
    Ok(keys)
}

/// Writes beside the file and renames, so that nobody ever reads half of it. Owner and mode stay what they were.
fn replace(file: &Path, keys: &[Key]) -> anyhow::Result<()> {
    let before = fs::metadata(file).with_context(|| file.display().to_string())?;
    let beside = file.with_extension(format!("new-{}", std::process::id()));
    let unwritable = || format!("{} can't be written", beside.display());
    let mut options = fs::OpenOptions::new();
    let made = options.write(true).create_new(true).mode(0o600).open(&beside).with_context(unwritable)?;
    let written = fill(made, keys, &beside, &before);
    let renamed = written.and_then(|()| fs::rename(&beside, file));
    if renamed.is_err() {
        let _ = fs::remove_file(&beside);
    }
    renamed.with_context(|| format!("{} can't be replaced", file.display()))?;
    if let Some(folder) = file.parent().filter(|folder| !folder.as_os_str().is_empty()) {
        File::open(folder)
            .and_then(|folder| folder.sync_all())
            .with_context(|| folder.display().to_string())?;
    }
    Ok(())
}

fn fill(mut made: File, keys: &[Key], path: &Path, before: &fs::Metadata) -> std::io::Result<()> {
    let mut text = Zeroizing::new(Vec::with_capacity(keys.iter().map(|key| key.len() + 1).sum()));
    for key in keys {
        text.extend_from_slice(key);
        text.push(b'\n');
    }
    made.write_all(&text)?;
    let after = made.metadata()?;
    if (after.uid(), after.gid()) != (before.uid(), before.gid()) {
        chown(path, Some(before.uid()), Some(before.gid()))?;
    }
    made.set_permissions(before.permissions())?;
    made.sync_all()
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;

    fn settings(file: &Path) -> SessionSettings {
        SessionSettings { secrets_file: Some(file.to_owned()), ..SessionSettings::default() }
    }

    fn lines(file: &Path) -> Vec<String> {
        fs::read_to_string(file).unwrap().lines().map(str::to_owned).collect()
    }

    #[test]
    fn a_new_key_comes_first_and_the_old_ones_stay_until_they_are_dropped() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("secrets");
        fs::write(&file, "the first key of all\n").unwrap();
        fs::set_permissions(&file, fs::Permissions::from_mode(0o640)).unwrap();
        let step = |step| rotate(&settings(&file), folder.path(), step).map(|(_, count)| count);
        assert_eq!(step(Rotation::New).unwrap(), 2);
        let two = lines(&file);
        assert_eq!((two[0].len(), two[1].as_str()), (43, "the first key of all"));
        assert_eq!(step(Rotation::Behind).unwrap(), 3);
        let three = lines(&file);
        assert_eq!([&three[0], &three[2]], [&two[0], &two[1]]);
        assert_eq!(step(Rotation::Promote).unwrap(), 3);
        assert_eq!(lines(&file), [&*three[1], &*three[0], &*three[2]]);
        assert_eq!(step(Rotation::DropOld).unwrap(), 1);
        assert_eq!(lines(&file), [&*three[1]]);
        assert!(step(Rotation::Promote).is_err());
        assert_eq!(fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o640);
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1, "nothing is left beside it");
    }

    #[test]
    fn keys_in_the_settings_and_files_that_are_not_there_are_refused() {
        let folder = tempfile::tempdir().unwrap();
        let inline = SessionSettings {
            secrets: vec!["a secret for tests only".to_owned().into()],
            ..SessionSettings::default()
        };
        let refused = rotate(&inline, folder.path(), Rotation::New).unwrap_err().to_string();
        assert!(refused.contains("session.secrets_file") && !refused.contains("for tests only"));
        assert!(rotate(&settings(&folder.path().join("none")), folder.path(), Rotation::New).is_err());
    }
}
