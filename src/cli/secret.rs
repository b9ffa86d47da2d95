//! `latchkey secret`: the keys that sign sessions.

use clap::Subcommand;

use super::{ground::Ground, print::say};
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
    say!("{} holds {keys} now. Running servers take them at their next SIGHUP.", file.display());
    Ok(())
}
