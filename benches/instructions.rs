//! Instructions a request: `cargo bench --bench instructions`.
//!
//! latchkey runs under callgrind, is asked the same thing over and over, and the instructions that its whole process
//! executed meanwhile are divided by the number of requests. A count hardly depends on who else uses the machine, so
//! that a regression shows where a stopwatch would not: each count is held against the one that was kept.

#[path = "instructions/callgrind.rs"]
mod callgrind;
#[allow(dead_code, reason = "shared by the benches, none of which uses all of it")]
#[path = "house/mod.rs"]
mod house;
#[path = "instructions/kept.rs"]
mod kept;
#[path = "instructions/profile.rs"]
mod profile;
#[path = "instructions/stage.rs"]
mod stage;

use house::{runtime, told::Told};
use kept::Kept;
use stage::Stage;

/// Requests of each kind that are counted, unless `--count` says otherwise.
const COUNTED: usize = 200;
/// Requests before that, so that connections, statements and buffers are there.
const WARM_UP: usize = 40;

const USAGE: &str =
    "cargo bench --bench instructions -- [--only PART-OF-A-NAME] [--count N] [--binary PATH] [--keep]";

fn main() {
    let Some(told) = Told::by(USAGE) else { return };
    let (only, count) = (told.text("--only"), told.number("--count", COUNTED));
    let runtime = runtime();
    let stage = Stage::build(&runtime, told.text("--binary").unwrap_or(env!("CARGO_BIN_EXE_latchkey")));
    let mut kept = Kept::read();
    if cfg!(debug_assertions) {
        println!("a debug build: the counts say nothing");
    }
    println!("| request | instructions | kept | of it |\n| --- | ---: | ---: | ---: |");
    for row in stage::ROWS.iter().filter(|row| only.is_none_or(|only| row.name.contains(only))) {
        let profile = runtime.block_on(stage.count(row, count));
        let each = profile.total / count as u64;
        println!("{}", kept.line(row.name, each));
        let file = stage::folder().join(format!("{}.txt", row.name.replace([' ', '/', ','], "-")));
        std::fs::write(&file, profile.tables(count as u64)).expect("the profile can't be written");
    }
    println!("\nBy function and by crate: {}", stage::folder().display());
    match told.says("--keep") {
        true => kept.write(),
        false if cfg!(debug_assertions) => {}
        false => kept.settle(),
    }
}
