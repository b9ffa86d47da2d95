//! A server in a process of its own, which ends with this one.

use std::{
    io::{BufRead, BufReader, Read},
    net::SocketAddr,
    process::{Child, ChildStdin, Command, Stdio},
    sync::mpsc::{Receiver, Sender, channel},
    thread,
    time::{Duration, Instant},
};

use rustix::process::{Pid, Signal, kill_process};

/// How long a server may take to begin, and to end.
const PATIENCE: Duration = Duration::from_secs(30);

/// A running server.
pub(crate) struct Server {
    process: Child,
    _alive: Option<ChildStdin>,
    /// Where it listens.
    pub(crate) address: SocketAddr,
    /// How long it took from the start to the line with its address.
    pub(crate) took: Duration,
}

impl Server {
    /// Starts it and waits until it has printed an address of the form `http://127.0.0.1:<port>`.
    pub(crate) fn start(mut command: Command) -> Self {
        let start = Instant::now();
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut process = command.spawn().expect("the server can't be started");
        let (tell, told) = channel();
        follow(process.stdout.take(), tell.clone());
        follow(process.stderr.take(), tell);
        let alive = process.stdin.take();
        let Some(address) = address(&told, start) else {
            let _ = process.kill();
            panic!("the server printed no address: {}", told.try_iter().collect::<Vec<_>>().join("\n"));
        };
        thread::spawn(move || told.into_iter().for_each(drop));
        Self { process, _alive: alive, address, took: start.elapsed() }
    }

    /// Its process id.
    pub(crate) fn id(&self) -> u32 {
        self.process.id()
    }
}

/// A server that stands still until this goes.
pub(crate) struct Held(Pid);

impl Held {
    pub(crate) fn still(server: &Server) -> Self {
        let process = Pid::from_child(&server.process);
        let _ = kill_process(process, Signal::STOP);
        Self(process)
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        let _ = kill_process(self.0, Signal::CONT);
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = kill_process(Pid::from_child(&self.process), Signal::TERM);
        let start = Instant::now();
        while start.elapsed() < PATIENCE {
            if matches!(self.process.try_wait(), Ok(Some(_))) {
                return;
            }
            thread::sleep(Duration::from_millis(20));
        }
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// Reads what a server prints, to the end, so that it never blocks on it.
fn follow(output: Option<impl Read + Send + 'static>, tell: Sender<String>) {
    let output = BufReader::new(output.expect("a pipe"));
    thread::spawn(move || output.lines().map_while(Result::ok).try_for_each(|line| tell.send(line)));
}

fn address(told: &Receiver<String>, start: Instant) -> Option<SocketAddr> {
    let mut lines = Vec::new();
    while let Ok(line) = told.recv_timeout(PATIENCE.saturating_sub(start.elapsed())) {
        let found = line.split_once("http://127.0.0.1:").map(|(_, rest)| rest);
        let digits =
            found.map(|rest| rest.split(|letter: char| !letter.is_ascii_digit()).next().unwrap_or(""));
        if let Some(port) = digits.and_then(|digits| digits.parse().ok()) {
            return Some(SocketAddr::from(([127, 0, 0, 1], port)));
        }
        lines.push(line);
    }
    eprintln!("{}", lines.join("\n"));
    None
}
