//! Modules depend downwards only, files and functions stay short, and unsafe code stays where it is explained.

#![expect(clippy::unwrap_used, reason = "a test that can't read the sources has failed")]

use std::{
    fs,
    path::{Path, PathBuf},
};

/// Each room and the rooms it may look into.
const MAY_USE: &[(&str, &[&str])] = &[
    ("domain", &[]),
    ("ports", &["domain"]),
    ("store", &["domain", "ports"]),
    ("mail", &["store", "ports", "domain"]),
    ("service", &["store", "ports", "domain"]),
    ("api", &["service", "ports", "domain"]),
    ("pages", &["api", "service", "ports", "domain"]),
    ("http", &["pages", "api", "service", "ports", "domain"]),
    ("server", &["http", "ports", "domain"]),
    ("config", &["mail", "server", "service", "ports", "store", "domain"]),
    ("app", &["config", "server", "http", "pages", "api", "mail", "service", "store", "ports", "domain"]),
    ("cli", &["app", "config", "http", "api", "service", "store", "ports", "domain"]),
];

#[test]
fn modules_depend_downwards_only() {
    for (room, allowed) in MAY_USE {
        for (file, text) in sources_of(room) {
            for other in uses(&text) {
                let known = MAY_USE.iter().any(|(name, _)| *name == other);
                assert!(
                    !known || other == *room || allowed.contains(&other.as_str()),
                    "{} uses {other}, but {room} may use only {allowed:?}",
                    file.display()
                );
            }
        }
    }
}

#[test]
fn only_http_and_the_listener_know_warp() {
    for (file, text) in all_sources() {
        let may = file.starts_with("src/http") || file.starts_with("src/server");
        assert!(may || !text.contains("warp::"), "{} names warp", file.display());
    }
}

#[test]
fn all_sql_is_in_the_store() {
    for (file, text) in all_sources() {
        let statement = ["\"SELECT ", "\"INSERT ", "\"UPDATE ", "\"DELETE FROM", "\"WITH "];
        let found = statement.iter().find(|start| text.contains(**start));
        assert!(file.starts_with("src/store") || found.is_none(), "{} holds {found:?}", file.display());
    }
}

/// Files in which `unsafe` is explained at each use.
const UNSAFE: &[&str] = &["src/store/embedded/death_signal.rs"];

#[test]
fn unsafe_code_is_where_it_is_explained() {
    for (file, text) in all_sources() {
        let allowed = UNSAFE.iter().any(|path| file == Path::new(path));
        assert!(allowed || !text.contains("unsafe {"), "{} holds unsafe code", file.display());
    }
}

/// Lines of a file at the most.
const MOST: usize = 300;

#[test]
fn files_stay_short_and_say_what_they_are_for() {
    for folder in ["src", "tests", "benches", "fuzz/fuzz_targets"] {
        for (file, text) in below(folder) {
            let lines = text.lines().count();
            assert!(lines <= MOST, "{} has {lines} lines: it holds two subjects", file.display());
            assert!(text.starts_with("//!"), "{} does not say what it is for", file.display());
        }
    }
}

/// The first segment of every path that begins at the crate's root, braces included.
fn uses(text: &str) -> Vec<String> {
    let mut found = Vec::new();
    for rest in text.split("crate::").skip(1) {
        match rest.strip_prefix('{') {
            Some(group) => found.extend(heads_of_group(group)),
            None => found.push(word(rest)),
        }
    }
    found
}

fn heads_of_group(group: &str) -> Vec<String> {
    let (mut depth, mut heads, mut start) = (0_usize, Vec::new(), 0);
    for (at, character) in group.char_indices() {
        match character {
            '{' => depth += 1,
            '}' if depth == 0 => {
                heads.push(word(group[start..at].trim_start()));
                return heads;
            }
            '}' => depth -= 1,
            ',' if depth == 0 => {
                heads.push(word(group[start..at].trim_start()));
                start = at + 1;
            }
            _ => {}
        }
    }
    heads
}

fn word(text: &str) -> String {
    text.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect()
}

fn sources_of(room: &str) -> Vec<(PathBuf, String)> {
    let (folder, file) = (Path::new("src").join(room), Path::new("src").join(format!("{room}.rs")));
    all_sources().into_iter().filter(|(path, _)| path.starts_with(&folder) || *path == file).collect()
}

fn all_sources() -> Vec<(PathBuf, String)> {
    let sources = below("src");
    assert!(sources.len() > 20, "the sources are read");
    sources
}

/// Every Rust file below a folder, with its text.
fn below(folder: &str) -> Vec<(PathBuf, String)> {
    let mut sources = Vec::new();
    gather(Path::new(folder), &mut sources);
    sources
}

fn gather(folder: &Path, sources: &mut Vec<(PathBuf, String)>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            gather(&path, sources);
        } else if path.extension().is_some_and(|ending| ending == "rs") {
            let text = fs::read_to_string(&path).unwrap();
            sources.push((path, text));
        }
    }
}
