//! `latchkey secret`: the keys that sign sessions.

use anyhow::bail;
use clap::Subcommand;

use super::ground::Ground;
use crate::{
    app::{Rotation, rotate},
    config::Config,
};

#[derive(Subcommand)]
pub(super) enum Command {
    /// Put a new key in front of the file of keys: it signs, the others go on verifying, and nobody is signed out.
    /// Running servers take it at their next SIGHUP
    Rotate {
        /// Put the new key behind the one that signs: the first step where several servers have copies of the file
        #[arg(long, conflicts_with_all = ["promote", "drop_old"])]
        behind: bool,
        /// Let the key that was put behind sign: the second step, when all servers have read the file
        #[arg(long, conflicts_with = "drop_old")]
        promote: bool,
        /// Keep the key that signs and drop all others: what they signed is no good any more
        #[arg(long)]
        drop_old: bool,
    },
}

/// Runs it. No database is asked.
pub(super) fn run(config: &Config, command: &Command) -> anyhow::Result<()> {
    let Command::Rotate { behind, promote, drop_old } = command;
    let step = match (behind, promote, drop_old) {
        (true, _, _) => Rotation::Behind,
        (_, true, _) => Rotation::Promote,
        (_, _, true) => Rotation::DropOld,
        _ => Rotation::New,
    };
    let (file, count) = rotate(&config.session, &Ground::folder(config)?, step)?;
    let keys = if count == 1 { "1 key".to_owned() } else { format!("{count} keys") };
    println!("{} holds {keys} now. Running servers take them at their next SIGHUP.", file.display());
    Ok(())
}

/// Refuses the address of a database with a password in it: whoever is on the machine reads the arguments of all
/// programs.
pub(super) fn not_in_arguments(database_url: &str) -> anyhow::Result<()> {
    if holds_password(database_url) {
        bail!(
            "--database-url holds a password, which everybody on this machine can read: set LATCHKEY_DATABASE__URL, or \
             database.url in the configuration file"
        );
    }
    Ok(())
}

/// Whether a connection string, in either of PostgreSQL's forms, has a password in it.
pub(super) fn holds_password(connection: &str) -> bool {
    if let Ok(understood) = connection.parse::<tokio_postgres::Config>() {
        return understood.get_password().is_some();
    }
    // An option that the driver does not know must not hide one.
    let authority = connection.split_once("://").and_then(|(_, rest)| rest.split(['/', '?']).next());
    let user = authority.and_then(|authority| authority.rsplit_once('@'));
    user.is_some_and(|(user, _)| user.contains(':')) || connection.contains("password")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_is_found_in_either_form_and_behind_options_of_any_kind() {
        for with in [
            "postgres://latchkey:secret@db.example/latchkey",
            "postgresql://latchkey:secret@one.example:5432,two.example:5433/latchkey?sslrootcert=ca.pem",
            "postgres://db.example/latchkey?sslmode=verify-full&password=secret",
            "host=db.example password = secret",
            "host=db.example sslrootcert=ca.pem password='secret'",
        ] {
            assert!(holds_password(with), "{with}");
        }
        for without in [
            "postgres://latchkey@db.example:5432/latchkey",
            "postgres://latchkey@db.example:5432/latchkey?sslrootcert=/etc/ca:1@x.pem",
            "host=/run/postgresql user=latchkey",
        ] {
            assert!(!holds_password(without), "{without}");
        }
    }
}
