//! The counts that were kept, to hold new ones against.

use std::{collections::BTreeMap, path::PathBuf};

/// More than this above the kept count is a regression; a few in a hundred are chance.
const ALLOWED: f64 = 1.05;

/// Counts by the names of the rows.
pub(crate) struct Kept {
    before: BTreeMap<String, u64>,
    now: BTreeMap<String, u64>,
}

impl Kept {
    pub(crate) fn read() -> Self {
        let text = std::fs::read_to_string(file()).unwrap_or_default();
        Self { before: serde_json::from_str(&text).unwrap_or_default(), now: BTreeMap::new() }
    }

    /// Notes a count and returns its line of the table.
    pub(crate) fn line(&mut self, row: &str, each: u64) -> String {
        self.now.insert(row.to_owned(), each);
        match self.before.get(row) {
            Some(kept) => format!("| {row} | {each} | {kept} | {:.3} |", each as f64 / *kept as f64),
            None => format!("| {row} | {each} | | |"),
        }
    }

    /// Keeps what was counted now, beside what was not counted this time.
    pub(crate) fn write(mut self) {
        self.before.append(&mut self.now);
        let text = serde_json::to_string_pretty(&self.before).expect("counts are JSON");
        std::fs::write(file(), text + "\n").expect("the counts can't be kept");
    }

    /// Fails when something got dearer.
    pub(crate) fn settle(self) {
        let dearer = |(row, each): &(&String, &u64)| {
            self.before.get(*row).is_some_and(|kept| **each as f64 > *kept as f64 * ALLOWED)
        };
        let dearer: Vec<_> = self.now.iter().filter(dearer).map(|(row, _)| row.as_str()).collect();
        assert!(dearer.is_empty(), "dearer than what was kept: {}", dearer.join("; "));
    }
}

fn file() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("benches/instructions/kept.json")
}
