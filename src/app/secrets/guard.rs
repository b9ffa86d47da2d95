//! Whether the keys are ours alone: whoever can read them signs cookies, whoever can change them signs everybody out.

use std::{
    fs::{self, Metadata},
    os::unix::fs::MetadataExt as _,
    path::Path,
};

use anyhow::{Context as _, bail};

const ROOT: u32 = 0;

/// Judges the file in the data folder. Where root serves, that folder belongs to the user of the private PostgreSQL, who
/// could put another file, or a link, in its place.
///
/// # Errors
/// A link, a second name of something else, or the file of somebody who is neither root nor ourselves.
pub(super) fn of_own_file(file: &Path) -> anyhow::Result<()> {
    let named = file.display();
    let found = fs::symlink_metadata(file).with_context(|| named.to_string())?;
    if !found.is_file() || found.nlink() > 1 {
        bail!("{named} is not a plain file of its own: move it away, and the next start makes a new key");
    }
    let me = rustix::process::geteuid().as_raw();
    if !is_trusted(found.uid(), me) {
        bail!(
            "{named} belongs to user number {}, who can sign cookies with it: latchkey, which runs as number {me}, takes \
             the keys of root and its own only. Change its owner if you trust what is in it, else move it away, and the \
             next start makes a new key",
            found.uid()
        );
    }
    warn_if(file, &found, 0o077);
    Ok(())
}

/// Looks at a file that the operator named. A group may read it: that is how the keys of a service are handed over.
pub(super) fn of_named_file(file: &Path) {
    if let Ok(found) = fs::metadata(file) {
        warn_if(file, &found, 0o007);
    }
}

fn is_trusted(owner: u32, me: u32) -> bool {
    owner == ROOT || owner == me
}

fn warn_if(file: &Path, found: &Metadata, others: u32) {
    if found.mode() & others != 0 {
        tracing::warn!(file = %file.display(), "others can read the keys that sign sessions, and sign cookies with them");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_taken_from_root_and_from_oneself() {
        assert!(is_trusted(ROOT, 1000) && is_trusted(1000, 1000) && is_trusted(ROOT, ROOT));
        assert!(!is_trusted(1000, ROOT), "the user of the private PostgreSQL");
        assert!(!is_trusted(1000, 1001));
    }
}
