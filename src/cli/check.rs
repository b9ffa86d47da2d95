//! `latchkey check`: does the configuration fit the world?

use std::path::Path;

use anyhow::bail;
use clap::Args;
use serde_json::json;

use super::{block_on, ground::Ground, print::say};
use crate::{
    app::{self, Finding, Verdict},
    config::Config,
};

#[derive(Args)]
pub(super) struct Arguments {
    /// As a JSON object
    #[arg(long)]
    json: bool,
}

/// Looks at everything that `serve` will need, and says what it found. Fails when something does not work.
pub(super) fn run(config: &Config, file: Option<&Path>, arguments: &Arguments) -> anyhow::Result<()> {
    let folder = Ground::folder(config)?;
    let mut findings = vec![Finding::read(file)];
    findings.extend(block_on(async { Ok(app::check_surroundings(config, &folder).await) })?);
    findings.extend(database(config)?);
    let worst = findings.iter().map(|finding| finding.verdict).max().unwrap_or(Verdict::Ok);
    match arguments.json {
        true => say!("{}", json!({ "verdict": worst, "findings": findings })),
        false => findings.iter().for_each(print),
    }
    let failures = findings.iter().filter(|finding| finding.verdict == Verdict::Failure).count();
    match failures {
        0 => Ok(()),
        1 => bail!("one thing does not work"),
        many => bail!("{many} things do not work"),
    }
}

/// A private PostgreSQL is started for the look, unless there is none yet: then nothing is made.
fn database(config: &Config) -> anyhow::Result<Vec<Finding>> {
    if Ground::is_untouched(config) {
        return Ok(vec![Finding::no_database_yet()]);
    }
    let ground = match Ground::for_a_command(config) {
        Ok(ground) => ground,
        Err(error) => return Ok(vec![Finding::no_private_database(&error)]),
    };
    let findings = block_on(async { Ok(app::check_database(&ground.url, &config.database).await) });
    ground.leave()?;
    findings
}

fn print(finding: &Finding) {
    let Finding { subject, verdict, found, advice } = finding;
    say!("{verdict:7}  {subject}: {found}");
    if let Some(advice) = advice {
        say!("         -> {advice}");
    }
}
