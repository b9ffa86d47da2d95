//! What commands print: lines and tables for people, one JSON object a line for programs.

use std::io::{self, Write};

use serde_json::Value;
use time::{OffsetDateTime, format_description::well_known::Rfc3339};

/// Standard output. A reader that has seen enough, as `head` in a pipe, is no failure: what comes after goes nowhere.
pub(super) struct Output;

impl Write for Output {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        unless_nobody_reads(io::stdout().write(bytes), bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        unless_nobody_reads(io::stdout().flush(), ())
    }
}

fn unless_nobody_reads<T>(outcome: io::Result<T>, otherwise: T) -> io::Result<T> {
    match outcome {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(otherwise),
        outcome => outcome,
    }
}

/// Prints a line, as `println!` does, which panics where it can't: what a command did is done, whoever hears of it.
macro_rules! say {
    ($($words:tt)*) => {{
        use std::io::Write as _;
        let _ = writeln!($crate::cli::print::Output, $($words)*);
    }};
}
pub(super) use say;

/// Prints things: as `object` shows them if it is to be JSON, else as rows under a heading.
pub(super) fn list<T, const N: usize>(
    things: &[T],
    json: bool,
    object: impl Fn(&T) -> Value,
    heading: [&str; N],
    row: impl Fn(&T) -> [String; N],
) {
    match json {
        true => things.iter().for_each(|thing| say!("{}", object(thing))),
        false => table(heading, &things.iter().map(row).collect::<Vec<_>>()),
    }
}

/// A point in time, RFC 3339, to the second.
pub(super) fn moment(at: OffsetDateTime) -> String {
    at.replace_nanosecond(0).unwrap_or(at).format(&Rfc3339).unwrap_or_default()
}

/// Prints rows under a heading, each column as wide as its widest cell; the last is left ragged.
fn table<const N: usize>(heading: [&str; N], rows: &[[String; N]]) {
    let width = |column: usize| {
        let cells = rows.iter().map(|row| row[column].chars().count());
        cells.chain([heading[column].chars().count()]).max().unwrap_or_default()
    };
    let widths: [usize; N] = std::array::from_fn(|column| if column + 1 == N { 0 } else { width(column) });
    let line = |cells: [&str; N]| {
        let padded: Vec<_> = cells.iter().zip(widths).map(|(cell, width)| format!("{cell:width$}")).collect();
        say!("{}", padded.join("  ").trim_end());
    };
    line(heading);
    rows.iter().for_each(|row| line(std::array::from_fn(|column| row[column].as_str())));
}
