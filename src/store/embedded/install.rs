//! The one command that installs PostgreSQL's server programs on this system.

use std::fs;

/// The command that installs the server programs here, of `major` if that is given, with `sudo` unless we are
/// root.
///
/// Told by `ID` and `ID_LIKE` of `/etc/os-release` (freedesktop.org, os-release(5)).
pub fn install_command(major: Option<u16>) -> String {
    let release =
        ["/etc/os-release", "/usr/lib/os-release"].iter().find_map(|path| fs::read_to_string(path).ok());
    let system = if cfg!(target_os = "macos") { "ID=macos" } else { release.as_deref().unwrap_or_default() };
    let prefix = if rustix::process::geteuid().is_root() { "" } else { "sudo " };
    command_for(system, major, prefix)
}

fn command_for(release: &str, major: Option<u16>, prefix: &str) -> String {
    let version = value(release, "VERSION_ID").unwrap_or_default();
    let like = value(release, "ID_LIKE").unwrap_or_default();
    let id = value(release, "ID").unwrap_or_default();
    std::iter::once(id)
        .chain(like.split_whitespace())
        .find_map(|system| install_on(system, version, major))
        .map(|command| if command.starts_with("brew") { command } else { format!("{prefix}{command}") })
        .unwrap_or_else(|| match major {
            Some(major) => {
                format!("the package of the PostgreSQL {major} server, by this system's package manager")
            }
            None => "the package of the PostgreSQL server, by this system's package manager".into(),
        })
}

/// The command on one system; packages of a certain major version are named as the PostgreSQL project's own
/// archives do.
fn install_on(system: &str, version: &str, major: Option<u16>) -> Option<String> {
    let number = major.map(|major| major.to_string()).unwrap_or_default();
    let command = match system {
        "debian" | "ubuntu" if major.is_some() => format!("apt-get install --yes postgresql-{number}"),
        "debian" | "ubuntu" => "apt-get install --yes postgresql".into(),
        // Amazon's and Red Hat 8's unversioned package is missing or older than what will do.
        "amzn" => format!("dnf install -y postgresql{}-server", major.unwrap_or(15)),
        "rhel" | "centos" | "rocky" | "almalinux" | "ol" if version == "8" || version.starts_with("8.") => {
            format!("dnf module install -y postgresql:{}/server", major.unwrap_or(15))
        }
        "fedora" | "rhel" | "centos" | "rocky" | "almalinux" | "ol" => {
            format!("dnf install -y postgresql{number}-server")
        }
        "alpine" => format!("apk add postgresql{number}"),
        "arch" if major.is_some() => "pacman -S --noconfirm postgresql-old-upgrade".into(),
        "arch" => "pacman -S --noconfirm postgresql".into(),
        "suse" | "opensuse" | "sles" => format!("zypper --non-interactive install postgresql{number}-server"),
        "macos" => format!("brew install postgresql@{}", major.unwrap_or(17)),
        _ => return None,
    };
    Some(command)
}

/// One value of an os-release file, without its quotes.
fn value<'a>(release: &'a str, key: &str) -> Option<&'a str> {
    let line = release.lines().find_map(|line| line.trim().strip_prefix(key)?.strip_prefix('='))?;
    Some(line.trim_matches(|quote| quote == '"' || quote == '\''))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_system_is_told_its_own_command() {
        let cases = [
            ("ID=debian\nVERSION_ID=\"12\"", "apt-get install --yes postgresql"),
            ("NAME=Ubuntu\nID=ubuntu\nID_LIKE=debian", "apt-get install --yes postgresql"),
            ("ID=fedora\nVERSION_ID=43", "dnf install -y postgresql-server"),
            ("ID=\"rhel\"\nID_LIKE=\"fedora\"\nVERSION_ID=\"9.4\"", "dnf install -y postgresql-server"),
            ("ID=\"rocky\"\nVERSION_ID=\"8.9\"", "dnf module install -y postgresql:15/server"),
            ("ID=\"amzn\"\nID_LIKE=\"fedora\"", "dnf install -y postgresql15-server"),
            ("ID=alpine\nVERSION_ID=3.20.1", "apk add postgresql"),
            ("ID=arch", "pacman -S --noconfirm postgresql"),
            (
                "ID=\"opensuse-leap\"\nID_LIKE=\"suse opensuse\"",
                "zypper --non-interactive install postgresql-server",
            ),
            ("ID=macos", "brew install postgresql@17"),
        ];
        for (release, command) in cases {
            assert_eq!(command_for(release, None, ""), command);
        }
    }

    #[test]
    fn a_system_that_nobody_listed_is_known_by_its_family() {
        assert_eq!(
            command_for("ID=linuxmint\nID_LIKE=\"ubuntu debian\"", None, ""),
            "apt-get install --yes postgresql"
        );
        assert_eq!(command_for("ID=manjaro\nID_LIKE=arch", None, ""), "pacman -S --noconfirm postgresql");
    }

    #[test]
    fn a_certain_major_version_can_be_asked_for() {
        assert_eq!(command_for("ID=debian", Some(16), ""), "apt-get install --yes postgresql-16");
        assert_eq!(command_for("ID=alpine", Some(16), ""), "apk add postgresql16");
        assert_eq!(command_for("ID=macos", Some(16), ""), "brew install postgresql@16");
    }

    #[test]
    fn ordinary_users_are_told_to_use_sudo_except_with_homebrew() {
        assert_eq!(command_for("ID=debian", None, "sudo "), "sudo apt-get install --yes postgresql");
        assert_eq!(command_for("ID=macos", None, "sudo "), "brew install postgresql@17");
    }

    #[test]
    fn an_unknown_system_is_told_what_to_look_for() {
        assert!(command_for("ID=plan9", None, "sudo ").starts_with("the package of the PostgreSQL server"));
        assert!(command_for("", Some(16), "").contains("PostgreSQL 16 server"));
    }
}
