//! `latchkey config`: what can be configured.

use std::io::Write as _;

use clap::Subcommand;

use super::print::Output;
use crate::config::EXAMPLE;

#[derive(Subcommand)]
pub(super) enum Command {
    /// Print a latchkey.toml with every setting, its default and what it is for
    Example,
}

/// Runs one of them.
pub(super) fn run(command: &Command) -> anyhow::Result<()> {
    match command {
        Command::Example => Ok(Output.write_all(EXAMPLE.as_bytes())?),
    }
}
