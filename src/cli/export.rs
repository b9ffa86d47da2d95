//! `latchkey export`: accounts with their roles and tenants, for another installation or another program.

use std::{
    fs,
    io::{self, BufWriter, IsTerminal as _, Write},
    os::unix::fs::OpenOptionsExt as _,
    path::{Path, PathBuf},
};

use anyhow::Context as _;
use clap::{Args, Subcommand};
use indicatif::{ProgressBar, ProgressDrawTarget};

use super::{
    columns::{COLUMNS, HASH, cells},
    print::Output,
    services::with_database,
};
use crate::{
    config::Config,
    domain::MovingLine,
    store::{
        Database,
        export::{Departing, Departures},
    },
};

#[derive(Subcommand)]
pub(super) enum Command {
    /// One JSON object a line: tenants, roles and accounts, in an order in which they can be taken in
    Jsonl {
        #[command(flatten)]
        manner: Manner,
    },
    /// A table with commas: accounts only
    Csv {
        #[command(flatten)]
        manner: Manner,
    },
}

#[derive(Args)]
pub(super) struct Manner {
    /// With password hashes: whoever gets the file can try passwords on it
    #[arg(long)]
    with_hashes: bool,
    /// Write a new file, which only you can read, instead of standard output
    #[arg(long, short, value_name = "FILE")]
    output: Option<PathBuf>,
}

/// Runs one of them on the database of the configuration.
pub(super) fn run(config: &Config, command: Command) -> anyhow::Result<()> {
    with_database(config, async |database| match command {
        Command::Jsonl { manner } => {
            let mut to = manner.open()?;
            let each = |line: &MovingLine| {
                serde_json::to_writer(&mut to, line)?;
                Ok(to.write_all(b"\n")?)
            };
            leave(&database, &manner, each).await?;
            Ok(to.flush()?)
        }
        Command::Csv { manner } => csv(&database, &manner).await,
    })
}

impl Manner {
    fn open(&self) -> anyhow::Result<Box<dyn Write>> {
        Ok(match &self.output {
            Some(path) => {
                Box::new(BufWriter::new(new_file(path).with_context(|| path.display().to_string())?))
            }
            None => Box::new(BufWriter::new(Output)),
        })
    }
}

/// Never over another file: the one before may be the better one.
fn new_file(path: &Path) -> io::Result<fs::File> {
    fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)
}

async fn csv(database: &Database, manner: &Manner) -> anyhow::Result<()> {
    let shown = |column: &&str| manner.with_hashes || *column != HASH;
    let mut table = csv::Writer::from_writer(manner.open()?);
    table.write_record(COLUMNS.iter().filter(|column| shown(column)))?;
    let each = |line: &MovingLine| {
        if let MovingLine::User(user) = line {
            let row = cells(user)?;
            let row = COLUMNS.iter().zip(&row).filter(|(column, _)| shown(column)).map(|(_, cell)| cell);
            table.write_record(row)?;
        }
        Ok(())
    };
    leave(database, manner, each).await?;
    Ok(table.flush()?)
}

/// Hands everything over, as it is at one moment.
async fn leave(
    database: &Database,
    manner: &Manner,
    mut each: impl FnMut(&MovingLine) -> anyhow::Result<()>,
) -> anyhow::Result<()> {
    let bar = bar(manner);
    let mut client = database.client().await?;
    let transaction = client.transaction().await?;
    let mut departures = Departures::begin(transaction, Departing::ByName).await?;
    while let Some((_, _, mut line)) = departures.next().await? {
        if let MovingLine::User(user) = &mut line {
            user.password_hash.take_if(|_| !manner.with_hashes);
        }
        each(&line)?;
        bar.inc(1);
    }
    bar.finish_and_clear();
    Ok(())
}

/// On a terminal that the text itself does not go to.
fn bar(manner: &Manner) -> ProgressBar {
    let seen = io::stderr().is_terminal() && (manner.output.is_some() || !io::stdout().is_terminal());
    let target = if seen { ProgressDrawTarget::stderr() } else { ProgressDrawTarget::hidden() };
    ProgressBar::with_draw_target(None, target)
}
