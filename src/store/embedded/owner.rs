//! The user as whom PostgreSQL runs: ourselves, or somebody unprivileged when we are root.

use std::{
    fs, io,
    os::{
        fd::AsFd,
        unix::{fs::MetadataExt, process::CommandExt},
    },
    path::Path,
    process::{Command, Stdio},
};

use nix::unistd::{Uid, User};

use super::error::EmbeddedError;

const ROOT: u32 = 0;

/// The owner of the private folder.
#[derive(Clone)]
pub(super) struct Owner {
    name: String,
    uid: u32,
    gid: u32,
    /// We are root, so every program has to be started as this user.
    stands_in_for_root: bool,
}

impl Owner {
    /// The owner of `home` if that exists, else whoever shall own it.
    ///
    /// Whoever owns the data runs it: PostgreSQL refuses the data of somebody else, and root may come by sudo
    /// today and by a service tomorrow.
    ///
    /// # Errors
    /// `Foreign` and `RootOwned` when the owner of `home` can't be taken on, `NobodyElse` when root finds no
    /// stand-in.
    pub(super) fn of(home: &Path) -> Result<Self, EmbeddedError> {
        let me = rustix::process::geteuid().as_raw();
        let owner = match fs::symlink_metadata(home) {
            Ok(found) => found.uid(),
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Self::chosen(me),
            Err(error) => match home.parent().and_then(|folder| fs::metadata(folder).ok()) {
                Some(folder) if folder.uid() != me => folder.uid(),
                _ => return Err(EmbeddedError::files("look at", home)(error)),
            },
        };
        match (me, owner) {
            (ROOT, ROOT) => Self::of_roots_folder(home),
            (ROOT, _) => Ok(Self { stands_in_for_root: true, ..Self::known(owner) }),
            _ if me == owner => Ok(Self::known(me)),
            _ => Err(EmbeddedError::Foreign { folder: home.into(), owner: Self::known(owner).name }),
        }
    }

    fn chosen(me: u32) -> Result<Self, EmbeddedError> {
        if me == ROOT { Self::stand_in() } else { Ok(Self::known(me)) }
    }

    /// An empty folder of root is one that was made and not yet given away.
    fn of_roots_folder(home: &Path) -> Result<Self, EmbeddedError> {
        let stand_in = Self::stand_in()?;
        let mut entries = fs::read_dir(home).map_err(EmbeddedError::files("look into", home))?;
        if entries.next().is_some() {
            return Err(EmbeddedError::RootOwned { folder: home.into(), user: stand_in.name });
        }
        Ok(stand_in)
    }

    /// The sudo user, else `postgres`, else `nobody` (DESIGN section 7).
    fn stand_in() -> Result<Self, EmbeddedError> {
        let named = |name| User::from_name(name).ok().flatten().filter(|user| user.uid.as_raw() != ROOT);
        let user = sudo_user().or_else(|| named("postgres")).or_else(|| named("nobody"));
        let user = user.ok_or(EmbeddedError::NobodyElse)?;
        Ok(Self { name: user.name, uid: user.uid.as_raw(), gid: user.gid.as_raw(), stands_in_for_root: true })
    }

    /// A user by number, with that number for a name (and a group) when the system has no entry.
    fn known(uid: u32) -> Self {
        match User::from_uid(Uid::from_raw(uid)) {
            Ok(Some(user)) => {
                Self { name: user.name, uid, gid: user.gid.as_raw(), stands_in_for_root: false }
            }
            _ => Self { name: uid.to_string(), uid, gid: uid, stands_in_for_root: false },
        }
    }

    pub(super) fn name(&self) -> &str {
        &self.name
    }

    pub(super) fn uid(&self) -> u32 {
        self.uid
    }

    pub(super) fn stands_in_for_root(&self) -> bool {
        self.stands_in_for_root
    }

    /// Makes the command run as this user, with none of root's groups (std clears them together with the
    /// uid).
    pub(super) fn becomes(&self, command: &mut Command) {
        if self.stands_in_for_root {
            command.uid(self.uid).gid(self.gid);
        }
    }

    /// Gives an open file or folder to this user; by handle, so that no link can send root elsewhere.
    pub(super) fn receives<F: AsFd>(&self, file: F) -> io::Result<()> {
        if self.stands_in_for_root {
            return std::os::unix::fs::fchown(file, Some(self.uid), Some(self.gid));
        }
        Ok(())
    }

    /// Whether this user can get into the folder, found out by going there: mode bits alone don't tell (ACLs,
    /// mounts).
    pub(super) fn can_enter(&self, folder: &Path) -> bool {
        if !self.stands_in_for_root {
            return true;
        }
        let mut visit = Command::new("/bin/sh");
        visit.args(["-c", ":"]).env_clear().current_dir(folder);
        visit.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        self.becomes(&mut visit);
        visit.status().is_ok_and(|status| status.success())
    }
}

fn sudo_user() -> Option<User> {
    let uid: u32 = std::env::var("SUDO_UID").ok()?.parse().ok()?;
    if uid == ROOT {
        return None;
    }
    User::from_uid(Uid::from_raw(uid)).ok().flatten()
}
