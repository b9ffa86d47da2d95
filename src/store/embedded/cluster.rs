//! Makes the cluster at the first start: initdb, then the role and the database, then who may come in.

use std::{
    ffi::OsStr,
    fs::{self, File},
    io::{self, Write},
    path::Path,
    process::{Command, Output, Stdio},
};

use rustix::process::Signal;

use super::{
    Settings, death_signal::end_with_us, error::EmbeddedError, files, home::Home, password::Password,
    programs::Programs,
};

/// The superuser that initdb makes. latchkey does not use it: it is there for pg_upgrade and the operator.
const SUPERUSER: &str = "postgres";
/// A locale that sorts by code point and knows all letters; systems that lack it have only `C`.
const LOCALES: [&str; 2] = ["C.UTF-8", "C"];

/// The major version that made the data, or `None` when there is no data yet.
///
/// # Errors
/// `NoCluster` when there is something else than a cluster, `Files` when it can't be read.
pub(super) fn made_by(data: &Path) -> Result<Option<u16>, EmbeddedError> {
    let no_cluster = || EmbeddedError::NoCluster { data: data.into() };
    match files::read(&data.join("PG_VERSION")) {
        Ok(text) => text.trim().parse().map(Some).map_err(|_| no_cluster()),
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            if is_empty(data).map_err(EmbeddedError::files("look into", data))? {
                Ok(None)
            } else {
                Err(no_cluster())
            }
        }
        Err(error) => Err(EmbeddedError::files("read", data)(error)),
    }
}

fn is_empty(folder: &Path) -> io::Result<bool> {
    match fs::read_dir(folder) {
        Ok(mut entries) => Ok(entries.next().is_none()),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(true),
        Err(error) => Err(error),
    }
}

/// Makes the cluster with its role and database in a folder aside, then puts it in place by one rename: an
/// attempt that was cut off never looks like a database.
///
/// # Errors
/// `NotPrepared` with what the programs said, and those of files.
pub(super) fn make(home: &Home, programs: &Programs, settings: &Settings) -> Result<Password, EmbeddedError> {
    clear_attempts(home)?;
    // A name of our own: the initdb of a latchkey that was killed may still be writing into its folder.
    let aside = home.path().join(format!("{ATTEMPT}{}", std::process::id()));
    initialise(home, programs, settings, &aside)?;
    let password = Password::random()?;
    let mut script = role_statement("CREATE", &password, settings);
    script.push_str("CREATE DATABASE latchkey OWNER latchkey\n");
    script.push_str("REVOKE ALL ON DATABASE latchkey FROM PUBLIC\n");
    run_alone(home, programs, &aside, &script)?;
    password.keep(home)?;
    let data = home.data();
    fs::rename(&aside, &data).map_err(EmbeddedError::files("make", &data))?;
    File::open(home.path())
        .and_then(|folder| folder.sync_all())
        .map_err(EmbeddedError::files("write", home.path()))?;
    Ok(password)
}

/// Gives the role a fresh password when the file with the old one is lost; PostgreSQL must not be running.
///
/// # Errors
/// As [`make`].
pub(super) fn renew_password(
    home: &Home,
    programs: &Programs,
    settings: &Settings,
) -> Result<Password, EmbeddedError> {
    let password = Password::random()?;
    run_alone(home, programs, &home.data(), &role_statement("ALTER", &password, settings))?;
    password.keep(home)?;
    Ok(password)
}

/// Says who may come in, anew at every start: pg_upgrade does not carry these files over.
///
/// The role by password, because root and the owner both come as it; the superuser only as the owner of the
/// files, who could do anything to them anyway. Nobody by network.
///
/// # Errors
/// `Files`.
pub(super) fn write_access_rules(home: &Home) -> Result<(), EmbeddedError> {
    let rules = format!("local all latchkey scram-sha-256\nlocal all {SUPERUSER} peer map=owner\n");
    let owner = format!("owner \"{}\" {SUPERUSER}\n", home.owner().name());
    for (name, text) in [("pg_hba.conf", rules), ("pg_ident.conf", owner)] {
        let path = home.data().join(name);
        let text = format!("# Written by latchkey at every start: changes are lost.\n{text}");
        if files::read(&path).is_ok_and(|present| present == text) {
            continue;
        }
        files::replace(&path, &text, home.owner()).map_err(EmbeddedError::files("write", &path))?;
    }
    Ok(())
}

const ATTEMPT: &str = "attempt-";

fn clear_attempts(home: &Home) -> Result<(), EmbeddedError> {
    let entries = fs::read_dir(home.path()).map_err(EmbeddedError::files("look into", home.path()))?;
    let begun = |name: &OsStr| name.as_encoded_bytes().starts_with(ATTEMPT.as_bytes());
    for entry in entries.flatten().filter(|entry| begun(&entry.file_name())) {
        fs::remove_dir_all(entry.path()).map_err(EmbeddedError::files("remove", entry.path()))?;
    }
    Ok(())
}

fn initialise(
    home: &Home,
    programs: &Programs,
    settings: &Settings,
    aside: &Path,
) -> Result<(), EmbeddedError> {
    let mut refusal = String::new();
    for locale in LOCALES {
        let mut initdb = programs.command("initdb", home.owner());
        initdb.arg("-D").arg(aside).args(["--username", SUPERUSER, "--encoding", "UTF8", "--locale", locale]);
        initdb.args(["--data-checksums", "--auth-local", "peer", "--auth-host", "reject"]);
        if !settings.durable {
            initdb.arg("--no-sync");
        }
        let output = ran(initdb, "", home)?;
        if output.status.success() {
            return Ok(());
        }
        refusal = last_words(&output);
        if !refusal.contains("locale") {
            break;
        }
    }
    Err(EmbeddedError::NotPrepared { program: "initdb", folder: home.data(), said: refusal })
}

/// One line, as the stand-alone backend wants it. Without the right to make databases unless a test asked for
/// it.
fn role_statement(verb: &str, password: &Password, settings: &Settings) -> String {
    let right = if settings.makes_databases { "CREATEDB" } else { "NOCREATEDB" };
    format!("{verb} ROLE latchkey LOGIN {right} PASSWORD '{}'\n", password.reveal())
}

/// Runs statements, one a line, in a PostgreSQL without clients: that needs neither socket nor password.
fn run_alone(home: &Home, programs: &Programs, data: &Path, script: &str) -> Result<(), EmbeddedError> {
    let mut postgres = programs.command("postgres", home.owner());
    postgres.arg("--single").arg("-D").arg(data);
    // A failed statement would put the password into what it complains of.
    let settings = ["exit_on_error=on", "password_encryption=scram-sha-256", "log_min_error_statement=panic"];
    postgres.args(settings.iter().flat_map(|setting| ["-c", setting])).arg("postgres");
    let output = ran(postgres, script, home)?;
    if output.status.success() {
        return Ok(());
    }
    Err(EmbeddedError::NotPrepared {
        program: "postgres --single",
        folder: data.into(),
        said: last_words(&output),
    })
}

fn ran(mut command: Command, input: &str, home: &Home) -> Result<Output, EmbeddedError> {
    let program = command.get_program().into();
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    end_with_us(&mut command, Signal::KILL);
    let output = command.spawn().and_then(|mut child| {
        // A program that ends early closes its input; what it said on the way out tells more than our broken
        // pipe.
        if let Some(mut stdin) = child.stdin.take() {
            let _ = stdin.write_all(input.as_bytes());
        }
        child.wait_with_output()
    });
    output.map_err(|cause| EmbeddedError::NotRun { program, user: home.owner().name().into(), cause })
}

fn last_words(output: &Output) -> String {
    last_lines(&String::from_utf8_lossy(&output.stderr))
}

/// The last few lines of a log, as one.
pub(super) fn last_lines(text: &str) -> String {
    let lines: Vec<&str> = text.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
    lines[lines.len().saturating_sub(5)..].join(" | ")
}
