//! What callgrind counted, by function and by crate.

use std::{collections::BTreeMap, fmt::Write as _};

/// Lines of a table.
const SHOWN: usize = 60;

/// A profile.
pub(crate) struct Profile {
    /// Instructions in all.
    pub(crate) total: u64,
    by_function: BTreeMap<String, Cost>,
}

#[derive(Clone, Copy, Default)]
struct Cost {
    own: u64,
    with_callees: u64,
}

impl Profile {
    /// Reads callgrind's file, written without compression of names and positions.
    pub(crate) fn read(text: &str) -> Self {
        let (mut by_function, mut total) = (BTreeMap::<String, Cost>::new(), 0);
        let (mut function, mut of_callee) = (String::new(), false);
        for line in text.lines() {
            if let Some(name) = line.strip_prefix("fn=") {
                name.clone_into(&mut function);
            } else if line.starts_with("calls=") {
                of_callee = true;
            } else if line.starts_with(|first: char| first.is_ascii_digit()) {
                let cost = line.split_whitespace().nth(1).and_then(|cost| cost.parse().ok()).unwrap_or(0);
                let entry = by_function.entry(function.clone()).or_default();
                entry.with_callees += cost;
                if !std::mem::take(&mut of_callee) {
                    entry.own += cost;
                    total += cost;
                }
            }
        }
        Self { total, by_function }
    }

    /// Two tables in Markdown, for one of so many requests.
    pub(crate) fn tables(&self, requests: u64) -> String {
        let mut by_crate = BTreeMap::<&str, u64>::new();
        for (name, cost) in &self.by_function {
            *by_crate.entry(home(name)).or_default() += cost.own;
        }
        let mut by_crate: Vec<_> = by_crate.into_iter().collect();
        by_crate.sort_by_key(|(_, own)| std::cmp::Reverse(*own));
        let mut functions: Vec<_> = self.by_function.iter().collect();
        functions.sort_by_key(|(_, cost)| std::cmp::Reverse(cost.own));
        let mut text = String::from("| crate | instructions |\n| --- | ---: |\n");
        for (name, own) in by_crate.into_iter().take(SHOWN) {
            let _ = writeln!(text, "| {name} | {} |", own / requests);
        }
        text.push_str("\n| function | own | with callees |\n| --- | ---: | ---: |\n");
        for (name, Cost { own, with_callees }) in functions.into_iter().take(SHOWN) {
            let name = name.replace('|', "/");
            let _ = writeln!(text, "| `{name}` | {} | {} |", own / requests, with_callees / requests);
        }
        text
    }
}

/// The crate that a function is of, as far as its name tells.
fn home(function: &str) -> &str {
    let path = function.trim_start_matches(['<', '&', '*', '(', '[']).trim_start_matches("dyn ");
    let end = path.find(|letter: char| !letter.is_alphanumeric() && letter != '_').unwrap_or(path.len());
    match (path.get(..end), path.contains("::")) {
        (Some(name), true) => name,
        _ => "the C library and others",
    }
}
