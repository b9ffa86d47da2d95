//! `docs/security.md` names a test for every promise: each of them is there, and no row is missing.

#![expect(clippy::unwrap_used, reason = "a test that can't read the tree has failed")]

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
};

/// Numbers of the safety checklist, and of the lines of what users ask for.
const ITEMS: u32 = 56;
const DEMANDS: u32 = 32;

#[test]
fn every_item_and_every_demand_has_one_row_with_a_test_or_a_reason() {
    let rows = rows();
    let expected = (1..=ITEMS).map(|number| number.to_string());
    let expected: Vec<_> = expected.chain((1..=DEMANDS).map(|number| format!("D{number}"))).collect();
    for number in &expected {
        let answers = rows.get(number).map_or(&[][..], Vec::as_slice);
        assert_eq!(answers.len(), 1, "{number} has {} rows", answers.len());
        let answer = &answers[0];
        let reasoned = answer.contains("Reason:") || answer.contains("Not yet:");
        assert!(reasoned || !names(answer).is_empty(), "{number} names neither a test nor a reason");
    }
    assert_eq!(rows.len(), expected.len(), "rows that are on neither list: {:?}", rows.keys());
}

#[test]
fn every_test_that_is_named_is_there() {
    let text = document();
    let lost: Vec<_> = names(&text).into_iter().filter(|name| !is_there(name)).collect();
    assert!(names(&text).len() > 100, "the names are read");
    assert!(lost.is_empty(), "named in docs/security.md and nowhere else: {lost:#?}");
}

#[test]
fn a_test_that_is_gone_would_be_noticed() {
    assert!(is_there("security_map::a_test_that_is_gone_would_be_noticed"));
    for gone in [
        "security_map::a_test_that_nobody_wrote",
        "it::nowhere::every_item_and_every_demand_has_one_row_with_a_test_or_a_reason",
        "domain::password::tests::a_test_that_nobody_wrote",
        // A function, but no test.
        "security_map::document",
    ] {
        assert!(!is_there(gone), "{gone}");
    }
}

fn document() -> String {
    fs::read_to_string("docs/security.md").unwrap()
}

/// The last cells of the tables, by the first: `| 4 | … | … |`.
fn rows() -> BTreeMap<String, Vec<String>> {
    let mut rows: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for line in document().lines() {
        let cells: Vec<_> = line.trim_matches('|').split('|').map(str::trim).collect();
        let number = cells[0];
        let is_number = number.trim_start_matches('D').parse::<u32>().is_ok();
        if line.starts_with('|') && is_number && cells.len() == 3 {
            rows.entry(number.to_owned()).or_default().push(cells[2].to_owned());
        }
    }
    rows
}

/// Texts in backticks that are paths of modules and a function.
fn names(text: &str) -> Vec<String> {
    let quoted = text.split('`').skip(1).step_by(2);
    let is_path = |text: &&str| {
        text.contains("::") && text.chars().all(|c| c.is_ascii_alphanumeric() || c == '_' || c == ':')
    };
    quoted.filter(is_path).map(str::to_owned).collect()
}

/// `it::…`, `browser::…` and the files of `tests/` are there; every other path begins in `src/`.
fn is_there(name: &str) -> bool {
    let (path, function) = name.rsplit_once("::").unwrap();
    let segments: Vec<_> = path.split("::").collect();
    let outside = ["it", "browser", "layers", "security_map"].contains(&segments[0]);
    let mut file: PathBuf =
        [if outside { "tests" } else { "src" }].into_iter().chain(segments.iter().copied()).collect();
    if holds(&file, function) {
        return true;
    }
    // `mod tests` inside the file that it tests.
    file.pop();
    segments.last() == Some(&"tests") && holds(&file, function)
}

/// Whether the module of that path has a test of that name.
fn holds(module: &Path, function: &str) -> bool {
    let files = [module.with_extension("rs"), module.join("mod.rs")];
    files.iter().filter_map(|file| fs::read_to_string(file).ok()).any(|text| {
        let lines: Vec<_> = text.lines().map(str::trim).collect();
        let here = |line: &&str| {
            let bare = line.strip_prefix("async ").unwrap_or(line);
            bare.strip_prefix("fn ")
                .is_some_and(|rest| rest.strip_prefix(function).is_some_and(|end| end.starts_with('(')))
        };
        let generated =
            lines.iter().any(|line| line.trim_end_matches(',').ends_with(&format!("=> {function}")));
        let is_test = |at: usize| {
            lines[at.saturating_sub(4)..at].iter().any(|line| line.starts_with("#[") && line.contains("test"))
        };
        generated || lines.iter().enumerate().any(|(at, line)| here(line) && is_test(at))
    })
}
