//! The load: connections of its own that send prepared requests and wait for each answer, from one thread.
//!
//! It parses no more of an answer than it needs to find the end, so that little of the machine is spent here.

use std::{
    io,
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering::Relaxed},
    },
    time::{Duration, Instant},
};

use tokio::{
    task::JoinSet,
    time::{sleep, timeout},
};

use super::house::line::Line;

/// How long an answer may be overdue at the end before the run counts as failed.
const PATIENCE: Duration = Duration::from_secs(20);

/// Requests as they go over the wire, taken in turn by all connections, over and over.
pub(crate) struct Script {
    requests: Vec<Vec<u8>>,
    next: AtomicUsize,
}

impl Script {
    pub(crate) fn new(requests: impl IntoIterator<Item = Vec<u8>>) -> Arc<Self> {
        let requests = requests.into_iter().collect::<Vec<_>>();
        assert!(!requests.is_empty(), "nothing to ask");
        Arc::new(Self { requests, next: AtomicUsize::new(0) })
    }

    fn next(&self) -> &[u8] {
        &self.requests[self.next.fetch_add(1, Relaxed) % self.requests.len()]
    }
}

/// What to do to whom.
#[derive(Clone)]
pub(crate) struct Load {
    pub(crate) to: SocketAddr,
    pub(crate) script: Arc<Script>,
    pub(crate) connections: usize,
    pub(crate) time: Duration,
    /// Rest after each answer; zero asks as fast as it can.
    pub(crate) rest: Duration,
}

/// What came of it.
pub(crate) struct Outcome {
    /// Of each request that succeeded, in the order they came, in microseconds.
    pub(crate) latencies: Vec<u32>,
    /// From the first request to the last answer.
    pub(crate) elapsed: Duration,
    /// Answers that were not 2xx, and the first of them.
    pub(crate) refused: u64,
    pub(crate) complaint: Option<String>,
}

impl Load {
    /// Runs for its time and the answers still due then. Panics when the server goes away or falls silent: there
    /// is nothing to measure then.
    pub(crate) async fn run(&self) -> Outcome {
        let start = Instant::now();
        let mut callers = JoinSet::new();
        for _ in 0..self.connections {
            callers.spawn(timeout(self.time + PATIENCE, call(self.clone(), start + self.time)));
        }
        let mut whole =
            Outcome { latencies: Vec::new(), elapsed: Duration::ZERO, refused: 0, complaint: None };
        while let Some(caller) = callers.join_next().await {
            let part =
                caller.expect("a caller broke").expect("an answer is overdue").expect("connection lost");
            whole.latencies.extend(part.latencies);
            whole.refused += part.refused;
            whole.complaint = whole.complaint.or(part.complaint);
        }
        whole.elapsed = start.elapsed();
        whole
    }
}

/// One connection's share.
async fn call(load: Load, until: Instant) -> io::Result<Outcome> {
    let mut line = Line::open(load.to).await?;
    let mut outcome = Outcome { latencies: Vec::new(), elapsed: Duration::ZERO, refused: 0, complaint: None };
    loop {
        let asked = Instant::now();
        if asked >= until {
            return Ok(outcome);
        }
        let answer = line.ask(load.script.next()).await?;
        if answer.starts_with(b"HTTP/1.1 2") {
            outcome.latencies.push(u32::try_from(asked.elapsed().as_micros()).unwrap_or(u32::MAX));
        } else {
            outcome.refused += 1;
            outcome.complaint.get_or_insert_with(|| String::from_utf8_lossy(answer).into_owned());
        }
        if !load.rest.is_zero() {
            sleep(load.rest).await;
        }
    }
}
