//! What each page costs: `cargo bench --bench pages`. The bars: under 30 KB, under 2 ms of server time beside the
//! database.
//!
//! A PostgreSQL with as much in it as a page ever shows, latchkey in a process of its own, one connection that asks
//! for each page 300 times after a warm-up. The time is the processor time of latchkey alone, user and system, as
//! `/proc` counts it: what PostgreSQL takes and what anybody waits for is not in it. Prints a table, and fails when a
//! page misses a bar.

#[path = "pages/full.rs"]
mod full;
#[allow(dead_code, reason = "shared by the benches, none of which uses all of it")]
#[path = "house/mod.rs"]
mod house;
#[path = "pages/scene.rs"]
mod scene;

use std::time::Instant;

use full::Page;
use house::{
    line::{Line, get},
    machine, runtime,
    told::Told,
};
use scene::Scene;

/// Times that each page is asked for.
const TIMES: usize = 300;
/// Times before that.
const WARM_UP: usize = 30;
/// Most bytes of a page, uncompressed.
const HEAVIEST: usize = 30 * 1024;
/// Most processor time of a page, in milliseconds.
const DEAREST: f64 = 2.0;

/// What a page turned out to cost.
struct Cost {
    bytes: usize,
    /// Processor time of latchkey, in milliseconds.
    work: f64,
    /// From the question to the answer, in milliseconds: with the database.
    wait: f64,
}

fn main() {
    if Told::by("cargo bench --bench pages").is_none() {
        return;
    }
    let (name, memory) = machine::description();
    let (cores, quiet) = (machine::cores(), machine::quiet() * 100.0);
    println!("{cores} processors ({name}), {memory} MB; idle before the start: {quiet:.0} %");
    if cfg!(debug_assertions) {
        println!("a debug build: the times say nothing");
    }
    let missed = runtime().block_on(async {
        let scene = Scene::build().await;
        println!("\n| page | bytes | processor time, ms | answer, ms |\n| --- | ---: | ---: | ---: |");
        let mut missed = Vec::new();
        for page in &scene.pages {
            let Cost { bytes, work, wait } = cost(&scene, page).await;
            println!("| {} | {bytes} | {work:.2} | {wait:.2} |", page.name);
            let is_dear = work >= DEAREST && !cfg!(debug_assertions);
            if bytes >= HEAVIEST || is_dear {
                missed.push(page.name);
            }
        }
        missed
    });
    println!("\nbars: {HEAVIEST} bytes, {DEAREST} ms of processor time");
    assert!(missed.is_empty(), "these pages miss a bar: {missed:?}");
}

async fn cost(scene: &Scene, page: &Page) -> Cost {
    let request = get(&page.place, page.cookie.as_deref());
    let mut line = Line::open(scene.server.address).await.expect("no connection");
    let mut bytes = 0;
    for _ in 0..WARM_UP {
        let answer = line.ask(&request).await.expect("no answer");
        assert!(answer.starts_with(b"HTTP/1.1 200"), "{}: {}", page.name, String::from_utf8_lossy(answer));
        let head = answer.windows(4).position(|four| four == b"\r\n\r\n").expect("a head");
        bytes = answer.len() - head - 4;
    }
    let (before, begun) = (machine::worked(scene.server.id()), Instant::now());
    for _ in 0..TIMES {
        line.ask(&request).await.expect("no answer");
    }
    let each = |seconds: f64| seconds * 1000.0 / TIMES as f64;
    let wait = each(begun.elapsed().as_secs_f64());
    Cost { bytes, work: each(machine::worked(scene.server.id()) - before), wait }
}
