//! How long a process has worked, from `/proc`.

use std::fs;

/// Clock ticks a second in `/proc`, on every Linux there is.
const TICKS: f64 = 100.0;

/// Processor time that a process has used up, in seconds, user and system together.
///
/// # Panics
/// Where there is no `/proc`: nothing is measured then.
pub(crate) fn done_by(process: u32) -> f64 {
    let stat = fs::read_to_string(format!("/proc/{process}/stat")).expect("a process of Linux");
    // The second field is a name in brackets and may hold anything, spaces included.
    let fields = stat.rsplit(')').next().unwrap_or_default().split_whitespace();
    fields.skip(11).take(2).filter_map(|field| field.parse::<f64>().ok()).sum::<f64>() / TICKS
}
