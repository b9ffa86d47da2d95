//! Finds PostgreSQL's server programs.

use std::{
    env, fmt, fs,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use super::{error::EmbeddedError, install::install_command, owner::Owner};

/// The oldest major version that will do (DESIGN section 3).
pub(super) const OLDEST_MAJOR: u16 = 13;

/// Folders that hold a folder per version: where, what such a folder's name begins with, where the programs
/// lie in it.
const PLACES: [(&str, &str, &str); 10] = [
    ("/usr/lib/postgresql", "", "bin"),
    ("/usr", "pgsql-", "bin"),
    ("/usr/lib", "postgresql", "bin"),
    ("/usr/libexec", "postgresql", ""),
    ("/usr/local", "pgsql", "bin"),
    ("/opt/homebrew/opt", "postgresql", "bin"),
    ("/usr/local/opt", "postgresql", "bin"),
    ("/home/linuxbrew/.linuxbrew/opt", "postgresql", "bin"),
    ("/Library/PostgreSQL", "", "bin"),
    ("/Applications/Postgres.app/Contents/Versions", "", "bin"),
];

/// A version as `postgres --version` tells it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Version {
    pub(super) major: u16,
    minor: u16,
}

impl Version {
    /// Understands `postgres (PostgreSQL) 15.18 (Debian …)`, `… 17beta1`, `… 18devel`.
    fn parse(said: &str) -> Option<Self> {
        let (_, rest) = said.split_once("PostgreSQL) ")?;
        let number = |text: &str| text.split(|c: char| !c.is_ascii_digit()).next()?.parse().ok();
        let minor = rest.split_whitespace().next()?.split_once('.').and_then(|(_, minor)| number(minor));
        Some(Self { major: number(rest)?, minor: minor.unwrap_or(0) })
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.major, self.minor)
    }
}

/// A folder with server programs that run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Programs {
    pub(super) folder: PathBuf,
    pub(super) version: Version,
}

impl Programs {
    /// The newest programs that `owner` can run; of the major version `made_by`, if the folder `data` has
    /// data of that.
    ///
    /// # Errors
    /// `NoPrograms`, `TooOld`, `OtherMajor`, each with the command that installs what is missing.
    pub(super) fn find(owner: &Owner, data: &Path, made_by: Option<u16>) -> Result<Self, EmbeddedError> {
        let found = candidates(owner).into_iter().filter_map(|folder| Self::tried(folder, owner)).collect();
        chosen(found, data, made_by)
    }

    /// Asks the program itself: that also proves that it starts and that the owner may run it.
    fn tried(folder: PathBuf, owner: &Owner) -> Option<Self> {
        let said = output(folder.join("postgres"), "--version", owner)?;
        Some(Self { version: Version::parse(&said)?, folder })
    }

    /// A program with a clean environment: no PG* variable of the caller's may lead it elsewhere, and its
    /// messages are in English because some are looked at. A fixed TZ spares initdb the search for the
    /// machine's.
    pub(super) fn command(&self, program: &str, owner: &Owner) -> Command {
        let mut command = Command::new(self.folder.join(program));
        command.env_clear().env("PATH", "/usr/bin:/bin").env("LC_ALL", "C").env("TZ", "UTC").current_dir("/");
        command.stdin(Stdio::null());
        owner.becomes(&mut command);
        command
    }
}

fn chosen(found: Vec<Programs>, data: &Path, made_by: Option<u16>) -> Result<Programs, EmbeddedError> {
    let fits = |programs: &&Programs| match made_by {
        Some(major) => programs.version.major == major,
        None => programs.version.major >= OLDEST_MAJOR,
    };
    // The first of equals: PATH is the operator's word.
    let newest =
        found.iter().filter(fits).reduce(|best, next| if next.version > best.version { next } else { best });
    if let Some(programs) = newest {
        return Ok(programs.clone());
    }
    let install = format!("`{}`", install_command(made_by));
    let Some(best) = found.iter().map(|programs| programs.version).max() else {
        return Err(EmbeddedError::NoPrograms { install });
    };
    match made_by {
        Some(made_by) => {
            Err(EmbeddedError::OtherMajor { data: data.into(), made_by, found: majors(&found), install })
        }
        None => Err(EmbeddedError::TooOld { found: best.to_string(), oldest: OLDEST_MAJOR, install }),
    }
}

fn majors(found: &[Programs]) -> String {
    let mut majors: Vec<u16> = found.iter().map(|programs| programs.version.major).collect();
    majors.sort_unstable();
    majors.dedup();
    majors.iter().map(u16::to_string).collect::<Vec<_>>().join(", ")
}

/// Folders that hold both programs we need, PATH first.
fn candidates(owner: &Owner) -> Vec<PathBuf> {
    let path = env::var_os("PATH").unwrap_or_default();
    let mut folders: Vec<PathBuf> = env::split_paths(&path).filter(|folder| folder.is_absolute()).collect();
    folders.extend(output("pg_config".into(), "--bindir", owner).map(|said| PathBuf::from(said.trim())));
    folders.extend(PLACES.iter().flat_map(|(place, prefix, below)| versions_in(place, prefix, below)));
    let mut seen = Vec::new();
    folders.retain(|folder| {
        let real = fs::canonicalize(folder.join("postgres"));
        folder.join("initdb").is_file()
            && real.is_ok_and(|real| {
                !seen.contains(&real) && {
                    seen.push(real);
                    true
                }
            })
    });
    folders
}

fn versions_in(place: &str, prefix: &str, below: &str) -> Vec<PathBuf> {
    let named = |name: &std::ffi::OsStr| name.to_str().is_some_and(|name| name.starts_with(prefix));
    let entries = fs::read_dir(place).into_iter().flatten().flatten();
    entries.filter(|entry| named(&entry.file_name())).map(|entry| entry.path().join(below)).collect()
}

fn output(program: PathBuf, argument: &str, owner: &Owner) -> Option<String> {
    let mut command = Command::new(program);
    command.arg(argument).current_dir("/").stdin(Stdio::null()).stderr(Stdio::null());
    owner.becomes(&mut command);
    let output = command.output().ok().filter(|output| output.status.success())?;
    String::from_utf8(output.stdout).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn installed(folder: &str, major: u16, minor: u16) -> Programs {
        Programs { folder: folder.into(), version: Version { major, minor } }
    }

    fn choice(found: &[Programs], made_by: Option<u16>) -> Result<Programs, String> {
        chosen(found.to_vec(), Path::new("/srv/data"), made_by).map_err(|error| error.to_string())
    }

    #[test]
    fn versions_are_read_as_the_program_tells_them() {
        let told = |said| Version::parse(said).map(|version| (version.major, version.minor));
        assert_eq!(told("postgres (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)\n"), Some((15, 18)));
        assert_eq!(told("postgres (PostgreSQL) 17.0\n"), Some((17, 0)));
        assert_eq!(told("postgres (PostgreSQL) 18beta2\n"), Some((18, 0)));
        assert_eq!(told("postgres (PostgreSQL) 19devel\n"), Some((19, 0)));
        assert_eq!(told("postgres (PostgreSQL) 9.6.24\n"), Some((9, 6)));
        assert_eq!(told("something else 15.1\n"), None);
    }

    #[test]
    fn the_newest_wins_and_path_among_equals() {
        let found = [installed("/path", 15, 2), installed("/a", 16, 1), installed("/b", 16, 1)];
        assert_eq!(choice(&found, None), Ok(found[1].clone()));
    }

    #[test]
    fn with_data_only_its_own_major_version_counts() {
        let found = [installed("/a", 17, 1), installed("/b", 15, 2), installed("/c", 15, 9)];
        assert_eq!(choice(&found, Some(15)), Ok(found[2].clone()));
    }

    #[test]
    fn data_of_another_major_version_is_refused_with_words_that_help() {
        let refusal = choice(&[installed("/a", 17, 1), installed("/b", 15, 2)], Some(16)).unwrap_err();
        for word in ["made by PostgreSQL 16", "15, 17", "pg_upgrade", "pg_dump", "/srv/data"] {
            assert!(refusal.contains(word), "{word}: {refusal}");
        }
    }

    #[test]
    fn without_programs_the_command_that_installs_them_is_named() {
        assert!(choice(&[], None).unwrap_err().contains(&install_command(None)));
        let refusal = choice(&[installed("/a", 12, 4)], None).unwrap_err();
        assert!(refusal.contains("12.4") && refusal.contains(&install_command(None)), "{refusal}");
    }
}
