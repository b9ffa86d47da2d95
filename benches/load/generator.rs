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
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    task::JoinSet,
    time::{sleep, timeout},
};

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

/// A GET as it goes over the wire.
pub(crate) fn get(path: &str, cookie: Option<&str>) -> Vec<u8> {
    let cookie = cookie.map_or(String::new(), |cookie| format!("Cookie: {cookie}\r\n"));
    format!("GET {path} HTTP/1.1\r\nHost: load.example\r\n{cookie}\r\n").into_bytes()
}

/// A POST of a JSON text as it goes over the wire.
pub(crate) fn post(path: &str, json: &str) -> Vec<u8> {
    post_with(path, "", json)
}

/// A POST of a JSON text with more header lines, each with its line end.
pub(crate) fn post_with(path: &str, lines: &str, json: &str) -> Vec<u8> {
    let head = format!("Host: load.example\r\n{lines}Content-Type: application/json");
    format!("POST {path} HTTP/1.1\r\n{head}\r\nContent-Length: {}\r\n\r\n{json}", json.len()).into_bytes()
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

/// A connection that is kept open.
pub(crate) struct Line {
    stream: TcpStream,
    heard: Vec<u8>,
}

impl Line {
    pub(crate) async fn open(to: SocketAddr) -> io::Result<Self> {
        let stream = TcpStream::connect(to).await?;
        stream.set_nodelay(true)?;
        Ok(Self { stream, heard: Vec::with_capacity(16 * 1024) })
    }

    /// Sends a request and returns the whole answer, head and body.
    pub(crate) async fn ask(&mut self, request: &[u8]) -> io::Result<&[u8]> {
        self.stream.write_all(request).await?;
        self.heard.clear();
        loop {
            if self.stream.read_buf(&mut self.heard).await? == 0 {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
            if length(&self.heard)?.is_some_and(|length| self.heard.len() >= length) {
                return Ok(&self.heard);
            }
        }
    }
}

/// Length of an answer with its head, as soon as the head is there.
fn length(heard: &[u8]) -> io::Result<Option<usize>> {
    let Some(end) = heard.windows(4).position(|bytes| bytes == b"\r\n\r\n") else { return Ok(None) };
    let named = |line: &&[u8]| line.len() > 15 && line[..15].eq_ignore_ascii_case(b"content-length:");
    let value = heard[..end].split(|byte| *byte == b'\n').find(named).map(|line| line[15..].trim_ascii());
    let body = value.and_then(|value| std::str::from_utf8(value).ok()?.parse::<usize>().ok());
    let body = body.ok_or_else(|| io::Error::other("an answer without Content-Length"))?;
    Ok(Some(end + 4 + body))
}
