//! Tables for people.

/// Prints rows under a heading, each column as wide as its widest cell; the last is left ragged.
pub(super) fn print<const N: usize>(heading: [&str; N], rows: &[[String; N]]) {
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
