//! Holds the configuration against the world and says what to do: `latchkey check`. Nothing is changed, nothing is sent,
//! and no secret is repeated.

mod certificate;
mod database;
mod machine;
mod mail;
mod settings;

use std::{fmt, path::Path};

use serde::Serialize;

use crate::config::Config;

/// How something stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Verdict {
    /// As it should be.
    Ok,
    /// It works, and somebody should look at it.
    Warning,
    /// It does not work.
    Failure,
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Ok => "ok",
            Self::Warning => "warning",
            Self::Failure => "FAILURE",
        })
    }
}

/// One thing that was looked at.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// What was looked at.
    pub subject: String,
    /// How it stands.
    pub verdict: Verdict,
    /// What was found.
    pub found: String,
    /// What to do about it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub advice: Option<String>,
}

impl Finding {
    fn ok(subject: &str, found: impl Into<String>) -> Self {
        let (subject, found) = (subject.to_owned(), found.into());
        Self { subject, verdict: Verdict::Ok, found, advice: None }
    }

    fn warning(subject: &str, found: impl Into<String>, advice: impl Into<String>) -> Self {
        let advice = Some(advice.into());
        Self { verdict: Verdict::Warning, advice, ..Self::ok(subject, found) }
    }

    fn failure(subject: &str, found: impl Into<String>, advice: impl Into<String>) -> Self {
        let advice = Some(advice.into());
        Self { verdict: Verdict::Failure, advice, ..Self::ok(subject, found) }
    }

    /// The configuration could be read.
    pub fn read(file: Option<&Path>) -> Self {
        let from = match file {
            Some(file) => file.display().to_string(),
            None if Path::new("latchkey.toml").exists() => "latchkey.toml".to_owned(),
            None => "no file, only defaults and variables".to_owned(),
        };
        Self::ok("configuration", format!("read: {from}"))
    }

    /// There is no private PostgreSQL yet.
    pub fn no_database_yet() -> Self {
        Self::ok("database", "a private PostgreSQL is made in the data folder at the first start")
    }

    /// The private PostgreSQL can't be started.
    pub fn no_private_database(error: &anyhow::Error) -> Self {
        let advice = "install PostgreSQL's server programs, or set database.url";
        Self::failure("database", format!("the private PostgreSQL: {error:#}"), advice)
    }

    /// `Ok` becomes a good finding, an error a failure.
    fn of(subject: &str, outcome: anyhow::Result<String>, advice: &str) -> Self {
        match outcome {
            Ok(found) => Self::ok(subject, found),
            Err(error) => Self::failure(subject, format!("{error:#}"), advice),
        }
    }
}

/// What can be told without any database. `folder` is the data folder, whether it is there or not.
pub async fn check_surroundings(config: &Config, folder: &Path) -> Vec<Finding> {
    let mut findings = settings::look(config, folder);
    findings.extend(certificate::look(config));
    findings.extend(machine::look(config, folder));
    findings.extend(mail::look(config).await);
    findings
}

pub use database::look as check_database;
