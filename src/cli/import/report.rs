//! What is said about an import: how far it is, what was refused, and what became of it all.

use std::io::{self, IsTerminal as _};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use super::file::Position;
use crate::{
    cli::print::say,
    service::moving::{Count, Place, Refusal, Tally, Witness},
};

/// Says it: what was refused to standard output, a line each; how far it is to standard error, if that is a terminal.
pub(super) struct Report {
    bar: ProgressBar,
    bytes: Option<Position>,
}

impl Report {
    /// About a file of so many bytes.
    pub(super) fn on_bytes(length: Option<u64>, position: Position) -> Self {
        let template = match length {
            Some(_) => "{wide_bar} {binary_bytes} of {binary_total_bytes}, {eta} left",
            None => "{spinner} {binary_bytes}",
        };
        Self { bar: bar(length, template), bytes: Some(position) }
    }

    /// About so many accounts.
    pub(super) fn on_rows(total: u64) -> Self {
        Self { bar: bar(Some(total), "{wide_bar} {human_pos} of {human_len}, {eta} left"), bytes: None }
    }

    /// Takes the bar away.
    pub(super) fn clear(&self) {
        self.bar.finish_and_clear();
    }

    /// The last words.
    pub(super) fn sum_up(&self, tally: &Tally, dry_run: bool) {
        let told = |what: &str, count: &Count| {
            let changed = match count.changed {
                0 => String::new(),
                changed => format!(", {changed} that nobody has yet changed"),
            };
            say!("{what}: {} made{changed}, {} there already", count.made, count.there);
        };
        told("Tenants", &tally.tenants);
        told("Roles", &tally.roles);
        told("Accounts", &tally.users);
        if tally.hashes_dropped > 0 {
            say!("Without their password: {}", tally.hashes_dropped);
        }
        say!("Not taken in: {}", tally.refused);
        if dry_run {
            say!("This was a dry run: nothing was kept.");
        }
    }
}

impl Witness for Report {
    fn refused(&mut self, place: Place, name: &str, why: &Refusal) {
        self.bar.suspend(|| say!("{}: {why}", place.of_name(name)));
    }

    fn went_on(&mut self, lines: usize) {
        match &self.bytes {
            Some(position) => self.bar.set_position(position.get()),
            None => self.bar.inc(lines as u64),
        }
    }
}

fn bar(length: Option<u64>, template: &str) -> ProgressBar {
    let target = match io::stderr().is_terminal() {
        true => ProgressDrawTarget::stderr(),
        false => ProgressDrawTarget::hidden(),
    };
    let style = ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar());
    ProgressBar::with_draw_target(length, target).with_style(style)
}
