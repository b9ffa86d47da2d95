//! Memory and start, beside their bars.

use super::{
    house::{
        line::{Line, get},
        machine,
    },
    report::Spread,
    rows::{Bench, CURRENT, PING},
};

/// Connections that are open at one time.
const CONNECTIONS: usize = 256;

impl Bench<'_> {
    /// The start, and what a latchkey that has only just started takes.
    pub(crate) fn at_rest(&mut self) {
        let (took, resident) = (self.scene.latchkey.took, machine::resident(self.scene.latchkey.id()));
        let milliseconds = took.as_secs_f64() * 1000.0;
        self.verdict("start with a ready database, ms", Spread::of([milliseconds]), 50.0, false);
        self.verdict("resident memory idle, MB", Spread::of([resident]), 30.0, false);
    }

    /// Memory while many connections are open that have all asked who they are.
    pub(crate) async fn memory(&mut self) {
        let sessions = self.scene.sessions(8).await;
        let mut lines = Vec::new();
        for at in 0..CONNECTIONS {
            let mut line = Line::open(self.scene.latchkey.address).await.expect("no connection");
            for request in [get(PING, None), get(CURRENT, Some(&sessions[at % sessions.len()].0))] {
                line.ask(&request).await.expect("no answer");
            }
            lines.push(line);
        }
        let resident = machine::resident(self.scene.latchkey.id());
        drop(lines);
        self.verdict("resident memory at 256 connections, MB", Spread::of([resident]), 80.0, false);
    }
}
