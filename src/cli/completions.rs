//! `latchkey completions` and `latchkey man`: written from the definition of the command line.

use std::{fs, path::PathBuf};

use anyhow::Context as _;
use clap::{Args, Command};
use clap_complete::Shell;

use super::print::Output;

#[derive(Args)]
pub(super) struct Arguments {
    /// For which shell, as in `latchkey completions bash > /etc/bash_completion.d/latchkey`
    shell: Shell,
}

/// Writes a completion script to standard output.
pub(super) fn run(arguments: &Arguments, mut cli: Command) -> anyhow::Result<()> {
    clap_complete::generate(arguments.shell, &mut cli, "latchkey", &mut Output);
    Ok(())
}

#[derive(Args)]
pub(super) struct ManArguments {
    /// Write a page for latchkey and one for each of its commands into this folder, instead of the first to standard
    /// output
    #[arg(long, value_name = "DIR")]
    into: Option<PathBuf>,
}

/// Writes the manual.
pub(super) fn man(arguments: &ManArguments, cli: Command) -> anyhow::Result<()> {
    let cli = cli.about("a self-hosted sign-in and account-recovery server");
    let Some(folder) = &arguments.into else {
        return Ok(clap_mangen::Man::new(cli).render(&mut Output)?);
    };
    fs::create_dir_all(folder).with_context(|| folder.display().to_string())?;
    clap_mangen::generate_to(cli, folder).with_context(|| folder.display().to_string())
}
