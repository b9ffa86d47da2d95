//! The `latchkey` program.

use std::process::ExitCode;

/// Requests are many small pieces of memory of short life; this allocator makes them at half the cost of the system's
/// (docs/performance.md has the counts and what it takes in memory).
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    latchkey::cli::run()
}
