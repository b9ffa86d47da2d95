//! What the machine gives: the data folder, open files.

use std::{
    fs,
    os::unix::fs::{MetadataExt as _, PermissionsExt as _},
    path::Path,
};

use rustix::{
    fs::{Access, access},
    process::{Resource, getrlimit},
};

use super::Finding;
use crate::config::Config;

/// Files beside the connections: the database's, the mail's, logs, templates.
const OTHER_FILES: u64 = 256;

pub(super) fn look(config: &Config) -> Vec<Finding> {
    let mut findings = vec![folder(&config.data)];
    findings.extend(secrets(&config.data.join("session-secret")));
    findings.push(open_files(config.limits.connections));
    findings
}

fn folder(data: &Path) -> Finding {
    let named = format!("{}", data.display());
    let Ok(about) = fs::metadata(data) else {
        let parent = data.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
        return match access(parent, Access::WRITE_OK) {
            Ok(()) => Finding::ok("data folder", format!("{named} is made at the first start")),
            Err(_) => Finding::failure(
                "data folder",
                format!("{named} is not there and can't be made"),
                "make it and give it to the user that runs latchkey, or set `data`",
            ),
        };
    };
    if !about.is_dir() || access(data, Access::READ_OK | Access::WRITE_OK | Access::EXEC_OK).is_err() {
        let advice = "give the folder to the user that runs latchkey, or set `data`";
        return Finding::failure("data folder", format!("{named} can't be read and written"), advice);
    }
    match about.permissions().mode() & 0o022 {
        0 => Finding::ok("data folder", format!("{named} can be read and written")),
        _ => Finding::warning(
            "data folder",
            format!("{named} can be written by others"),
            format!("chmod go-w {named}"),
        ),
    }
}

fn secrets(file: &Path) -> Option<Finding> {
    let about = fs::metadata(file).ok()?;
    let named = file.display();
    Some(match about.mode() & 0o077 {
        0 => Finding::ok("session secret", format!("{named} is for its owner only")),
        _ => Finding::warning(
            "session secret",
            format!("{named} can be read by others: whoever reads it can sign cookies"),
            format!("chmod 600 {named}"),
        ),
    })
}

fn open_files(connections: usize) -> Finding {
    let needed = (connections as u64).saturating_add(OTHER_FILES);
    match getrlimit(Resource::Nofile).maximum {
        Some(most) if most < needed => Finding::warning(
            "open files",
            format!("{most} are allowed, and limits.connections may need {needed}"),
            format!("raise the limit (LimitNOFILE={needed} for systemd), or lower limits.connections"),
        ),
        Some(most) => Finding::ok("open files", format!("{most} are allowed, {needed} may be needed")),
        None => Finding::ok("open files", "as many as are needed"),
    }
}
