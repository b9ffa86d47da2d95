//! latchkey beside the floor (DESIGN section 8): `cargo bench --bench load`.
//!
//! One machine, one PostgreSQL that writes to the disk, latchkey and the floor each in a process of their own, in
//! turn, and the ratio of the two: it says how much of the machine goes into what latchkey does beyond the least.
//! Prints a table and writes `load.json` into the target folder.

#[path = "load/floor.rs"]
mod floor;
#[path = "load/generator.rs"]
mod generator;
#[path = "load/growth.rs"]
mod growth;
#[allow(dead_code, reason = "shared by the benches, none of which uses all of it")]
#[path = "house/mod.rs"]
mod house;
#[path = "load/logins.rs"]
mod logins;
#[path = "load/memory.rs"]
mod memory;
#[path = "load/options.rs"]
mod options;
#[path = "load/outbox.rs"]
mod outbox;
#[path = "load/report.rs"]
mod report;
#[path = "load/rows.rs"]
mod rows;
#[path = "load/scene.rs"]
mod scene;
#[path = "load/strangers.rs"]
mod strangers;

use std::path::Path;

use serde_json::Value;

use house::machine;
use options::Options;
use report::Report;
use rows::Bench;
use scene::Scene;

fn main() {
    if std::env::args().nth(1).is_some_and(|first| first == "floor") {
        return floor::run(&std::env::var("FLOOR_DATABASE").expect("FLOOR_DATABASE is not set"));
    }
    let Some(options) = Options::read() else { return };
    let runtime = house::runtime();
    let quiet = machine::quiet();
    if options.growth {
        return write("growth.json", &growth::run(&runtime, &options));
    }
    let scene = Scene::build(&runtime, &options);
    let mut report = Report { circumstances: circumstances(&scene, &options, quiet), ..Report::default() };
    runtime.block_on(measure(&scene, &options, &mut report));
    let resident = format!("{:.1}", machine::resident(scene.latchkey.id()));
    report.circumstances.push(("resident memory of latchkey at the end, MB", resident.into()));
    println!("{}", report.table());
    write(if options.storm { "storm.json" } else { "load.json" }, &report.json());
}

async fn measure(scene: &Scene, options: &Options, report: &mut Report) {
    let mut bench = Bench { scene, options, report };
    if options.storm {
        return bench.storm().await;
    }
    if options.wants("memory") {
        bench.at_rest();
    }
    if options.wants("ping") {
        bench.ping().await;
    }
    if options.wants("current") {
        bench.current().await;
    }
    if options.wants("again") {
        bench.again().await;
    }
    if options.wants("login") {
        bench.cold_login().await;
    }
    if options.wants("reset") {
        bench.reset().await;
    }
    if options.wants("compare") {
        bench.known_and_unknown().await;
    }
    if options.wants("memory") {
        bench.memory().await;
    }
    if options.wants("outbox") {
        bench.outbox().await;
    }
}

fn circumstances(scene: &Scene, options: &Options, quiet: f64) -> Vec<(&'static str, Value)> {
    let (processor, memory) = machine::description();
    let resident = machine::resident(scene.latchkey.id());
    vec![
        ("processors", format!("{} x {processor}", machine::cores()).into()),
        ("idle before the start", format!("{:.0} %", quiet * 100.0).into()),
        ("memory, MB", memory.into()),
        ("PostgreSQL", scene.version.clone().into()),
        ("accounts", options.accounts.into()),
        ("connections", options.connections.into()),
        ("rounds", options.rounds.into()),
        ("seconds a run", options.time.as_secs().into()),
        ("start with a ready database, ms", (scene.latchkey.took.as_millis() as u64).into()),
        ("resident memory of latchkey at the start, MB", format!("{resident:.1}").into()),
    ]
}

fn write(name: &str, report: &Value) {
    let target = Path::new(env!("CARGO_TARGET_TMPDIR")).parent().expect("a target folder");
    let file = target.join(name);
    std::fs::write(&file, format!("{report:#}\n")).expect("the report can't be written");
    println!("\n{}", file.strip_prefix(env!("CARGO_MANIFEST_DIR")).unwrap_or(&file).display());
}
