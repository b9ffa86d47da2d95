//! How long, how hard, and which: `cargo bench --bench load -- --rounds 5 --seconds 5 --only login`.

use std::time::Duration;

use super::house::told::Told;

const USAGE: &str = "cargo bench --bench load -- [--rounds N] [--seconds N] [--connections N] [--accounts N] [--growth] \
    [--storm] [--only ROW]";

/// What can be measured.
const ROWS: [&str; 8] = ["ping", "current", "again", "login", "reset", "compare", "outbox", "memory"];

/// What can be chosen, and the choice without being told.
#[derive(Clone)]
pub(crate) struct Options {
    /// How often each of the two is measured.
    pub(crate) rounds: usize,
    /// Length of one run.
    pub(crate) time: Duration,
    /// Connections of the load generator.
    pub(crate) connections: usize,
    /// Accounts in the database.
    pub(crate) accounts: usize,
    /// Databases of growing size instead of the rows.
    pub(crate) growth: bool,
    /// A login storm instead of the rows.
    pub(crate) storm: bool,
    /// The one row of [`ROWS`] to measure; none means all.
    pub(crate) only: Option<String>,
}

impl Options {
    /// From the command line; `None` when cargo did not ask for measurements.
    pub(crate) fn read() -> Option<Self> {
        let told = Told::by(USAGE)?;
        let only = told.text("--only").map(|row| {
            assert!(ROWS.contains(&row), "--only takes one of {ROWS:?}");
            row.to_owned()
        });
        Some(Self {
            rounds: told.number("--rounds", 5).clamp(3, 50),
            time: Duration::from_secs(told.number("--seconds", 5).clamp(1, 60) as u64),
            connections: told.number("--connections", 32).clamp(1, 1024),
            accounts: told.number("--accounts", 100_000).clamp(5_000, 10_000_000),
            growth: told.says("--growth"),
            storm: told.says("--storm"),
            only,
        })
    }

    /// Whether a row is to be measured.
    pub(crate) fn wants(&self, row: &str) -> bool {
        self.only.as_ref().is_none_or(|only| only == row)
    }
}
