//! `latchkey mail`: letters, before anybody gets one.

use std::path::PathBuf;

use clap::Subcommand;

use super::print::say;
use crate::{app, config::Config};

#[derive(Subcommand)]
pub(super) enum Command {
    /// Write every letter once on trial, with your templates if `mail.templates` names a folder
    Check {
        /// Keep them in this folder, as .html, .txt and .eml
        #[arg(long, value_name = "DIR")]
        previews: Option<PathBuf>,
    },
}

/// Runs one of them.
pub(super) fn run(config: &Config, command: &Command) -> anyhow::Result<()> {
    let Command::Check { previews } = command;
    for line in app::try_letters(config, previews.as_deref())? {
        say!("{line}");
    }
    match &config.mail.templates {
        Some(folder) => say!("All letters can be written, with the templates in {}.", folder.display()),
        None => say!("All letters can be written."),
    }
    if let Some(folder) = previews {
        say!("They are in {}.", folder.display());
    }
    Ok(())
}
