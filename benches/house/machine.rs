//! What the machine is and how busy it was, from `/proc`; nothing where that does not exist.

use std::{fs, thread::available_parallelism, time::Instant};

/// Clock ticks a second in `/proc`, on every Linux there is.
const TICKS: f64 = 100.0;

/// Processors of this machine.
pub(crate) fn cores() -> usize {
    available_parallelism().map_or(1, usize::from)
}

/// The processor's name, and the memory in MB.
pub(crate) fn description() -> (String, u64) {
    let processors = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let name = processors.lines().find_map(|line| line.strip_prefix("model name")).unwrap_or("unknown");
    (name.trim_start_matches([' ', '\t', ':']).to_owned(), kilobytes("/proc/meminfo", "MemTotal:") / 1024)
}

/// Resident memory of a process, in MB.
pub(crate) fn resident(process: u32) -> f64 {
    kilobytes(&format!("/proc/{process}/status"), "VmRSS:") as f64 / 1024.0
}

fn kilobytes(file: &str, name: &str) -> u64 {
    let text = fs::read_to_string(file).unwrap_or_default();
    let value =
        text.lines().find_map(|line| line.strip_prefix(name)?.split_whitespace().next()?.parse().ok());
    value.unwrap_or(0)
}

/// Processor time that a process has used up, in seconds, user and system together.
pub(crate) fn worked(process: u32) -> f64 {
    ticks(&process.to_string()) / TICKS
}

/// The share of the processors that nobody uses before there is anything to measure: far from 1, and what is
/// measured afterwards is somebody else's work too.
pub(crate) fn quiet() -> f64 {
    let watch = Watch::start(std::process::id());
    std::thread::sleep(std::time::Duration::from_secs(2));
    watch.end().idle
}

/// Who used the processors in a stretch of time, as shares of all that there was.
#[derive(Clone, Copy, Default)]
pub(crate) struct Shares {
    /// This process: the load generator.
    pub(crate) generator: f64,
    /// The server it was aimed at.
    pub(crate) server: f64,
    /// Nobody.
    pub(crate) idle: f64,
}

/// A stretch of time that is being watched.
pub(crate) struct Watch {
    server: u32,
    start: Instant,
    before: [f64; 3],
}

impl Watch {
    pub(crate) fn start(server: u32) -> Self {
        Self { server, start: Instant::now(), before: readings(server) }
    }

    pub(crate) fn end(self) -> Shares {
        let there_was = self.start.elapsed().as_secs_f64() * TICKS * cores() as f64;
        let after = readings(self.server);
        let [generator, server, idle] = [0, 1, 2].map(|at| (after[at] - self.before[at]) / there_was);
        Shares { generator, server, idle }
    }
}

/// Ticks used so far by this process, by the server, and by nobody.
fn readings(server: u32) -> [f64; 3] {
    let idle = fs::read_to_string("/proc/stat").unwrap_or_default();
    let idle = idle.lines().next().and_then(|line| line.split_whitespace().nth(4)?.parse().ok());
    [ticks("self"), ticks(&server.to_string()), idle.unwrap_or(0.0)]
}

fn ticks(process: &str) -> f64 {
    let stat = fs::read_to_string(format!("/proc/{process}/stat")).unwrap_or_default();
    // The second field is a name in brackets and may hold anything, spaces included.
    let fields = stat.rsplit(')').next().unwrap_or_default().split_whitespace();
    fields.skip(11).take(2).filter_map(|field| field.parse::<f64>().ok()).sum()
}
