//! What the machine gives: the data folder, who may read the files with secrets, open files.

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
use crate::{app::secrets, config::Config};

/// Files beside the connections: the database's, the mail's, logs, templates.
const OTHER_FILES: u64 = 256;

pub(super) fn look(config: &Config, folder: &Path) -> Vec<Finding> {
    let mut findings = vec![data_folder(folder)];
    findings.extend(own_secret(&folder.join(secrets::FILE)));
    findings.extend(secret_files(config));
    findings.push(open_files(config.limits.connections));
    findings
}

fn data_folder(data: &Path) -> Finding {
    let named = format!("{}", data.display());
    let Ok(about) = fs::metadata(data) else {
        return match access(nearest(data), Access::WRITE_OK) {
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

/// Where nothing is yet, the nearest folder that is there has to let us make the rest.
fn nearest(path: &Path) -> &Path {
    path.ancestors().find(|folder| folder.exists()).unwrap_or(Path::new("/"))
}

/// What the operator wrote into files, because there is a secret in it.
fn secret_files(config: &Config) -> impl Iterator<Item = Finding> {
    let relays = config.mail.smtp.iter().chain(&config.mail.relay);
    let passwords = relays.map(|relay| ("password_file of the relay", &relay.password_file));
    let files = [
        ("database.url_file", &config.database.url_file),
        ("session.secrets_file", &config.session.secrets_file),
        ("dialects.timeslot.fixed_password_file", &config.dialects.timeslot.fixed_password_file),
        ("tls.key", &config.tls.key),
    ];
    let named = files.into_iter().chain(passwords).filter_map(|(key, file)| Some((key, file.as_ref()?)));
    named.filter_map(|(key, file)| readable_by_all(key, file))
}

/// A group may read it: that is how the secrets of a service are handed over.
fn readable_by_all(key: &str, file: &Path) -> Option<Finding> {
    let others = fs::metadata(file).ok()?.mode() & 0o007 != 0;
    let found = format!("everybody on this machine may read {}", file.display());
    others.then(|| Finding::warning(key, found, format!("chmod o= {}", file.display())))
}

fn own_secret(file: &Path) -> Option<Finding> {
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
