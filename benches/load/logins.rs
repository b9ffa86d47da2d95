//! Programs that sign in again and again: beside `user/current`, and all at once.

use std::{
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering::Relaxed},
    },
    time::{Duration, Instant},
};

use tokio::task::JoinSet;

use super::{
    generator::{Outcome, Script},
    house::{
        line::{Line, get},
        machine::{self, Watch},
    },
    report::{Run, Spread},
    rows::{Bench, CURRENT, WARM_UP, one_bcrypt},
    scene::login,
};

/// Accounts that the programs share.
const ACCOUNTS: usize = 20;
/// Programs of the storm, each of which signs in once, on a connection of its own.
const AGENTS: usize = 10_000;
/// Programs that sign in at one time.
const AT_ONCE: usize = 256;
/// The storm is over then, whoever has not signed in.
const STORM: Duration = Duration::from_secs(60);

impl Bench<'_> {
    /// `POST user/login` for accounts whose passwords were right a moment ago, beside `GET user/current`.
    pub(crate) async fn again(&mut self) {
        let server = &self.scene.latchkey;
        let sessions = self.scene.sessions(self.options.connections).await;
        let current = Script::new(sessions.iter().map(|(cookie, _)| get(CURRENT, Some(cookie))));
        let logins = Script::new((1..=ACCOUNTS).map(login));
        for script in [&current, &logins] {
            self.load(server, script, WARM_UP).run().await;
        }
        let (mut shown, mut again) = (Vec::new(), Vec::new());
        for _ in 0..self.options.rounds {
            shown.push(self.run(server, &current).await);
            again.push(self.run(server, &logins).await);
        }
        let ratio = Spread::of(again.iter().zip(&shown).map(|(again, shown)| again.rate / shown.rate));
        self.series("user/current, in turn with logins", shown);
        self.series("user/login, within the minute", again);
        self.verdict("logins within the minute, of user/current", ratio, 0.5, true);
    }

    /// A storm of logins, in the first second of which nobody is remembered yet.
    pub(crate) async fn storm(&mut self) {
        let bcrypt = Spread::of((0..7).map(|_| one_bcrypt().as_secs_f64())).median;
        let watch = Watch::start(self.scene.latchkey.id());
        let start = Instant::now();
        let (latencies, refused) = all_agents(self.scene.latchkey.address, start).await;
        let (elapsed, signed_in) = (start.elapsed(), latencies.len());
        let run = Run::of(Outcome { latencies, elapsed, refused: 0, complaint: None }, watch.end());
        let cold = machine::cores() as f64 / bcrypt;
        for (what, value) in [
            ("storm: agents that signed in", format!("{signed_in} of {AGENTS}, {refused} turned away")),
            ("storm: time, s", format!("{:.1}", elapsed.as_secs_f64())),
            ("storm: logins a second, of what bcrypt allows", format!("{:.1}", run.rate / cold)),
        ] {
            self.report.circumstances.push((what, value.into()));
        }
        self.series("login storm", vec![run]);
    }
}

/// All agents: their times in microseconds, and how many were turned away.
async fn all_agents(to: SocketAddr, start: Instant) -> (Vec<u32>, usize) {
    let next = Arc::new(AtomicUsize::new(0));
    let mut agents = JoinSet::new();
    for _ in 0..AT_ONCE {
        agents.spawn(one_after_the_other(to, Arc::clone(&next), start));
    }
    let (mut latencies, mut refused) = (Vec::new(), 0);
    for (theirs, turned_away) in agents.join_all().await {
        latencies.extend(theirs);
        refused += turned_away;
    }
    (latencies, refused)
}

/// Agents that sign in one after the other, each on a connection of its own: their times in microseconds, and how many
/// were turned away.
async fn one_after_the_other(to: SocketAddr, next: Arc<AtomicUsize>, start: Instant) -> (Vec<u32>, usize) {
    let (mut latencies, mut refused) = (Vec::new(), 0);
    while start.elapsed() < STORM {
        let agent = next.fetch_add(1, Relaxed);
        if agent >= AGENTS {
            break;
        }
        let asked = Instant::now();
        let mut line = Line::open(to).await.expect("no connection");
        match line.ask(&login(1 + agent % ACCOUNTS)).await.expect("no answer") {
            answer if answer.starts_with(b"HTTP/1.1 200") => {
                latencies.push(u32::try_from(asked.elapsed().as_micros()).unwrap_or(u32::MAX));
            }
            _ => refused += 1,
        }
    }
    (latencies, refused)
}
