//! What the documents point at is there: links, headings, and files of this tree that they name.

#![expect(clippy::unwrap_used, reason = "a test that can't read the tree has failed")]

use std::{
    fs,
    path::{Path, PathBuf},
};

#[test]
fn every_link_leads_somewhere() {
    let mut links = 0;
    for (file, text) in documents() {
        for link in links_of(&text) {
            assert!(leads_somewhere(&file, link), "{} links to {link}", file.display());
            links += 1;
        }
    }
    assert!(links > 100, "the links are read");
}

#[test]
fn every_file_that_is_named_is_there() {
    // The names of what the recipes in contributing.md make.
    let made_up = |name: &str| name.contains("hello") || name.contains("-v6");
    for (file, text) in documents() {
        for name in quoted(&text).filter(|name| is_of_this_tree(name) && !made_up(name)) {
            assert!(is_there(name), "{} names {name}", file.display());
        }
    }
}

#[test]
fn a_dead_link_or_a_lost_file_would_be_noticed() {
    let readme = Path::new("README.md");
    for alive in ["docs/security.md", "docs/security.md#fuzzing", "#limits", "docs", "https://example.com"] {
        assert!(leads_somewhere(readme, alive), "{alive}");
    }
    for dead in ["docs/insecurity.md", "docs/security.md#fussing", "#limit", "../README.md"] {
        assert!(!leads_somewhere(readme, dead), "{dead}");
    }
    for named in ["src/api/route.rs", "tests/it/support", "api/route", "service/sessions"] {
        assert!(is_of_this_tree(named) && is_there(named), "{named}");
    }
    for lost in ["src/api/rout.rs", "service/session"] {
        assert!(is_of_this_tree(lost) && !is_there(lost), "{lost}");
    }
}

/// Every document, with its prose.
fn documents() -> Vec<(PathBuf, String)> {
    let mut found = Vec::new();
    for folder in
        [".", "docs", "docs/decisions", "docs/operating", "src/domain/common_passwords", "tests/it/exchanges"]
    {
        let files = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
        for file in files.filter(|file| file.extension().is_some_and(|ending| ending == "md")) {
            let text = prose(&file).unwrap();
            found.push((file, text));
        }
    }
    found
}

/// What a document says outside its blocks of code; `None` if it can't be read.
fn prose(file: &Path) -> Option<String> {
    Some(fs::read_to_string(file).ok()?.split("```").step_by(2).collect())
}

/// The targets of `[…](…)`.
fn links_of(text: &str) -> impl Iterator<Item = &str> {
    text.split("](").skip(1).filter_map(|rest| rest.split_once(')')).map(|(target, _)| target)
}

/// Whether a link in this document leads to something. What is elsewhere is believed.
fn leads_somewhere(document: &Path, link: &str) -> bool {
    if link.starts_with("https://") {
        return true;
    }
    let (path, heading) = link.split_once('#').unwrap_or((link, ""));
    let target = match path {
        "" => document.to_owned(),
        path => document.parent().unwrap().join(path),
    };
    match heading {
        "" => target.exists(),
        heading => prose(&target).is_some_and(|text| anchors(&text).any(|known| known == heading)),
    }
}

/// The names under which headings are linked to: small letters, hyphens for blanks, no other signs.
fn anchors(text: &str) -> impl Iterator<Item = String> {
    let headings = text.lines().filter(|line| line.starts_with('#'));
    headings.map(|line| {
        let words = line.trim_start_matches('#').trim().to_lowercase().replace(' ', "-");
        words.chars().filter(|sign| sign.is_alphanumeric() || "-_".contains(*sign)).collect()
    })
}

/// What stands in backticks.
fn quoted(text: &str) -> impl Iterator<Item = &str> {
    text.split('`').skip(1).step_by(2)
}

/// Whether that looks like a path from the top of this tree, or a module's from the top of `src`.
fn is_of_this_tree(name: &str) -> bool {
    let folders = ["api", "benches", "deploy", "docs", "fuzz", "schema", "src", "tests", "tools"];
    let rooms = ["domain", "http", "mail", "pages", "ports", "server", "service", "store"];
    let plain = |sign: char| sign.is_ascii_alphanumeric() || "/._-".contains(sign);
    let begins = |(top, _)| folders.contains(&top) || rooms.contains(&top);
    name.split_once('/').is_some_and(begins) && name.chars().all(plain)
}

/// Whether there is such a file or folder, or such a module.
fn is_there(name: &str) -> bool {
    ["", "src/"]
        .iter()
        .any(|top| ["", ".rs"].iter().any(|ending| Path::new(&format!("{top}{name}{ending}")).exists()))
}
