//! `latchkey secret`: the keys that sign sessions.

use std::path::PathBuf;

use anyhow::bail;
use clap::Subcommand;

use crate::{
    app::{Rotation, rotate},
    config::Config,
    store::embedded::data_folder,
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
    let (file, count) = rotate(&config.session, &folder(config)?, step)?;
    let keys = if count == 1 { "1 key".to_owned() } else { format!("{count} keys") };
    println!("{} holds {keys} now. Running servers take them at their next SIGHUP.", file.display());
    Ok(())
}

/// Refuses the address of a database with a password in it: whoever is on the machine reads the arguments of all
/// programs.
pub(super) fn not_in_arguments(database_url: &str) -> anyhow::Result<()> {
    let address: Option<tokio_postgres::Config> = database_url.parse().ok();
    if address.is_some_and(|address| address.get_password().is_some()) {
        bail!(
            "--database-url holds a password, which everybody on this machine can read: set LATCHKEY_DATABASE__URL, or \
             database.url in the configuration file"
        );
    }
    Ok(())
}

/// Where `serve` keeps its key if no other place is configured.
fn folder(config: &Config) -> anyhow::Result<PathBuf> {
    match config.database.url {
        Some(_) => Ok(config.data.clone()),
        None => Ok(data_folder(&config.data)?.path().to_owned()),
    }
}
