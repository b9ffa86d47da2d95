//! How long, how hard, and which: `cargo bench --bench load -- --rounds 5 --seconds 5 --only login`.

use std::time::Duration;

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
    pub(crate) fn read(arguments: &[String]) -> Option<Self> {
        let number = |name: &str, usual: usize| {
            let at = arguments.iter().position(|argument| argument == name);
            at.map_or(usual, |at| {
                let value = arguments.get(at + 1).and_then(|value| value.parse().ok());
                value.unwrap_or_else(|| panic!("{name} takes a number"))
            })
        };
        arguments.iter().any(|argument| argument == "--bench").then(|| Self {
            rounds: number("--rounds", 5).clamp(3, 50),
            time: Duration::from_secs(number("--seconds", 5).clamp(1, 60) as u64),
            connections: number("--connections", 32).clamp(1, 1024),
            accounts: number("--accounts", 100_000).clamp(5_000, 10_000_000),
            growth: arguments.iter().any(|argument| argument == "--growth"),
            storm: arguments.iter().any(|argument| argument == "--storm"),
            only: arguments.iter().skip_while(|argument| *argument != "--only").nth(1).map(|row| {
                assert!(ROWS.contains(&&**row), "--only takes one of {ROWS:?}");
                row.clone()
            }),
        })
    }

    /// Whether a row is to be measured.
    pub(crate) fn wants(&self, row: &str) -> bool {
        self.only.as_ref().is_none_or(|only| only == row)
    }
}
