//! Instructions a request: `cargo bench --bench instructions`.
//!
//! latchkey runs under callgrind, is asked the same thing over and over, and the instructions that its whole process
//! executed meanwhile are divided by the number of requests. A count hardly depends on who else uses the machine, so
//! that a regression shows where a stopwatch would not: each count is held against the one that was kept.

#[path = "instructions/callgrind.rs"]
mod callgrind;
#[path = "instructions/kept.rs"]
mod kept;
#[allow(dead_code, reason = "the load bench uses all of it")]
#[path = "load/line.rs"]
mod line;
#[path = "instructions/profile.rs"]
mod profile;
#[allow(dead_code, reason = "the load bench uses all of it")]
#[path = "load/server.rs"]
mod server;
#[path = "instructions/stage.rs"]
mod stage;

use kept::Kept;
use stage::Stage;

/// Requests of each kind that are counted, unless `--count` says otherwise.
const COUNTED: usize = 200;
/// Requests before that, so that connections, statements and buffers are there.
const WARM_UP: usize = 40;

fn main() {
    let arguments: Vec<String> = std::env::args().collect();
    let named = |name: &str| arguments.iter().skip_while(|argument| *argument != name).nth(1).cloned();
    if !arguments.iter().any(|argument| argument == "--bench") {
        return;
    }
    let binary = named("--binary").unwrap_or_else(|| env!("CARGO_BIN_EXE_latchkey").to_owned());
    let only = named("--only");
    let count = named("--count").and_then(|count| count.parse().ok()).unwrap_or(COUNTED);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("no runtime");
    let stage = Stage::build(&runtime, &binary);
    let mut kept = Kept::read();
    println!("| request | instructions | kept | of it |\n| --- | ---: | ---: | ---: |");
    for row in stage::ROWS.iter().filter(|row| only.as_ref().is_none_or(|only| row.name.contains(only))) {
        let profile = runtime.block_on(stage.count(row, count));
        let each = profile.total / count as u64;
        println!("{}", kept.line(row.name, each));
        let file = stage::folder().join(format!("{}.txt", row.name.replace([' ', '/', ','], "-")));
        std::fs::write(&file, profile.tables(count as u64)).expect("the profile can't be written");
    }
    println!("\nBy function and by crate: {}", stage::folder().display());
    match arguments.iter().any(|argument| argument == "--keep") {
        true => kept.write(),
        false => kept.settle(),
    }
}
