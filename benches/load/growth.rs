//! How the times grow with the number of accounts.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use serde_json::{Value, json};

use super::{
    generator::{Load, Script},
    house::{
        line::{get, post},
        machine::Watch,
    },
    options::Options,
    report::Run,
    rows::{CURRENT, RESET, WARM_UP},
    scene::{Scene, login},
};

/// Numbers of accounts.
const SIZES: [usize; 3] = [1_000, 100_000, 1_000_000];
/// Connections: few, so that it is the statements that take the time and not the waiting.
const CONNECTIONS: usize = 4;
/// Different accounts that are asked about, spread over all.
const ASKED: usize = 500;
/// No p50 may grow more than that from the smallest to the largest (DESIGN section 8).
const BAR: f64 = 1.2;

/// Measures each size in a database of its own, prints the table, and returns it.
pub(crate) fn run(runtime: &tokio::runtime::Runtime, options: &Options) -> Value {
    let mut table = BTreeMap::<&str, Vec<(f64, f64)>>::new();
    for accounts in SIZES {
        let scene = Scene::build(runtime, &Options { accounts, connections: CONNECTIONS, ..options.clone() });
        eprintln!("{accounts} accounts: built");
        runtime.block_on(async {
            for (name, script) in scripts(&scene, accounts).await {
                let run = measured(&scene, &script, options.time).await;
                table.entry(name).or_default().push((run.p50, run.p99));
            }
        });
    }
    let head = SIZES.map(|size| format!("p50 / p99 ms at {size} | ")).concat();
    println!(
        "| operation | {head}p50, last by first | |\n| --- |{} ---: | --- |",
        " ---: |".repeat(SIZES.len())
    );
    for (name, times) in &table {
        let growth = times[times.len() - 1].0 / times[0].0;
        let cells: String = times.iter().map(|(p50, p99)| format!(" {p50:.2} / {p99:.2} |")).collect();
        println!("| {name} |{cells} {growth:.2} | {} |", if growth <= BAR { "met" } else { "**missed**" });
    }
    json!({ "accounts": SIZES, "p50_and_p99_ms": table })
}

/// What is asked, about accounts all over the table.
async fn scripts(scene: &Scene, accounts: usize) -> Vec<(&'static str, Arc<Script>)> {
    let sessions = scene.sessions(CONNECTIONS).await;
    let cookie = sessions[0].0.clone();
    let spread = |at: usize| 1 + at * (accounts / ASKED);
    vec![
        ("user/current", Script::new(sessions.iter().map(|(cookie, _)| get(CURRENT, Some(cookie))))),
        ("user/login, within the minute", Script::new((1..=CONNECTIONS).map(login))),
        (
            "user/reset_password",
            Script::new(
                (0..ASKED)
                    .map(|at| post(RESET, &format!(r#"{{"email":"load{}@load.example"}}"#, spread(at)))),
            ),
        ),
        (
            "users?username=",
            Script::new(
                (0..ASKED)
                    .map(|at| get(&format!("/api/4.0/users?username=load{}", spread(at)), Some(&cookie))),
            ),
        ),
    ]
}

async fn measured(scene: &Scene, script: &Arc<Script>, time: Duration) -> Run {
    let load = |time| Load {
        to: scene.latchkey.address,
        script: Arc::clone(script),
        connections: CONNECTIONS,
        time,
        rest: Duration::ZERO,
    };
    load(WARM_UP).run().await;
    let watch = Watch::start(scene.latchkey.id());
    let run = Run::of(load(time).run().await, watch.end());
    scene.rest().await;
    run
}
