//! `latchkey import`: accounts with their roles and tenants, from another database or a file.

mod csv;
mod elsewhere;
mod file;
mod jsonl;
mod report;

use std::path::{Path, PathBuf};

use anyhow::Context as _;
use clap::{Args, Subcommand};

use self::{csv::Csv, elsewhere::Elsewhere, file::File, jsonl::Jsonl, report::Report};
use super::{block_on, connection_string, services::with_new_services};
use crate::{
    config::Config,
    domain::Tenant,
    service::{
        Services,
        moving::{Moving, Source, Terms},
    },
    store::{Database, DatabaseSettings, export},
};

#[derive(Subcommand)]
pub(super) enum Command {
    /// From the PostgreSQL of a Traffic Ops, or of another latchkey: tenants, roles, accounts, hashes as they are
    TrafficOps {
        /// Its connection string; `-` reads it from standard input, which is the place for one with a password
        url: String,
        #[command(flatten)]
        manner: Manner,
    },
    /// From a table with commas: accounts. The first line names the columns
    Csv {
        /// The file; `-` is standard input
        file: PathBuf,
        #[command(flatten)]
        manner: Manner,
    },
    /// From a file with one JSON object a line: tenants, roles and accounts, as `latchkey export jsonl` writes them
    Jsonl {
        /// The file; `-` is standard input
        file: PathBuf,
        #[command(flatten)]
        manner: Manner,
    },
}

/// How arrivals are treated.
#[derive(Args)]
pub(super) struct Manner {
    /// Say what would come of it, and keep nothing
    #[arg(long)]
    dry_run: bool,
    /// All or nothing: stop at the first that can't be taken in, and keep nothing
    #[arg(long)]
    strict: bool,
    /// The role of accounts that name none; without this they are not taken in
    #[arg(long, value_name = "ROLE")]
    default_role: Option<String>,
    /// The tenant of accounts that name none
    #[arg(long, value_name = "TENANT", default_value = Tenant::ROOT)]
    default_tenant: String,
    /// Take accounts whose password hash can't be verified in without a password: they get back in by letter
    #[arg(long)]
    drop_unknown_hashes: bool,
}

impl Manner {
    fn terms(self, config: &Config) -> Terms {
        Terms {
            role: self.default_role,
            tenant: self.default_tenant,
            drop_hashes: self.drop_unknown_hashes,
            dry_run: self.dry_run,
            strict: self.strict,
            hasher: config.hasher(),
        }
    }
}

/// Says that some were refused: not 1, which says that the import could not go on.
const SOME_REFUSED: i32 = 3;

/// Runs one of them on the database of the configuration. What is to come is looked at before that one is made.
pub(super) fn run(config: &Config, command: Command) -> anyhow::Result<()> {
    let refused = match command {
        Command::TrafficOps { url, manner } => traffic_ops(config, &url, manner),
        Command::Csv { file, manner } => {
            let file = open(&file)?;
            let report = Report::on_bytes(file.length(), file.position());
            begin(config, manner, Csv::read(file)?, report)
        }
        Command::Jsonl { file, manner } => {
            let file = open(&file)?;
            let report = Report::on_bytes(file.length(), file.position());
            begin(config, manner, Jsonl::read(file), report)
        }
    }?;
    if refused > 0 {
        std::process::exit(SOME_REFUSED);
    }
    Ok(())
}

fn open(path: &Path) -> anyhow::Result<File> {
    File::open(path).with_context(|| path.display().to_string())
}

fn begin(config: &Config, manner: Manner, source: impl Source, report: Report) -> anyhow::Result<u64> {
    with_new_services(config, async |Services { moving, .. }| {
        take_in(&moving, source, manner.terms(config), report).await
    })
}

/// Which of the two databases failed, before why.
const THE_OTHER: &str = "the database to read from";

fn traffic_ops(config: &Config, url: &str, manner: Manner) -> anyhow::Result<u64> {
    let url = connection_string::given(url)?;
    let settings = DatabaseSettings { connections: 1, ..config.database.clone() };
    let elsewhere = Database::open(url.trim(), &settings).context(THE_OTHER)?;
    let total = block_on(async { export::accounts(&elsewhere).await.context(THE_OTHER) })?;
    with_new_services(config, async |Services { moving, .. }| {
        // Not that of the first look: its connections ended with the runtime that they were made in.
        let mut client = Database::open(url.trim(), &settings)?.client().await?;
        let source = Elsewhere::begin(client.transaction().await?).await.context(THE_OTHER)?;
        take_in(&moving, source, manner.terms(config), Report::on_rows(total)).await
    })
}

/// Takes all of it in, and says what became of it; returns how many were refused.
async fn take_in(
    moving: &Moving,
    mut source: impl Source,
    terms: Terms,
    mut report: Report,
) -> anyhow::Result<u64> {
    let outcome = moving.import(&mut source, &terms, &mut report).await;
    report.clear();
    let tally = outcome?;
    report.sum_up(&tally, terms.dry_run);
    Ok(tally.refused)
}
