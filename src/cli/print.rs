//! What commands print: tables for people, one JSON object a line for programs.

use serde_json::Value;
use time::{OffsetDateTime, format_description::well_known::Rfc3339};

/// Prints things: as `object` shows them if it is to be JSON, else as rows under a heading.
pub(super) fn list<T, const N: usize>(
    things: &[T],
    json: bool,
    object: impl Fn(&T) -> Value,
    heading: [&str; N],
    row: impl Fn(&T) -> [String; N],
) {
    match json {
        true => things.iter().for_each(|thing| println!("{}", object(thing))),
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
        println!("{}", padded.join("  ").trim_end());
    };
    line(heading);
    rows.iter().for_each(|row| line(std::array::from_fn(|column| row[column].as_str())));
}
