//! The measurements, one function a row of DESIGN section 8.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use super::{
    generator::{Load, Script},
    house::{
        line::{get, post},
        machine::{self, Watch},
        server::Server,
    },
    options::Options,
    report::{Report, Run, Series, Spread, Verdict},
    scene::{Scene, login},
};

/// Before the first measured run of each kind, so that connections, statements and caches are there.
pub(crate) const WARM_UP: Duration = Duration::from_secs(2);
/// Between two pings while somebody else is the load: often enough for a p99, too seldom to be a load itself.
const PING_EVERY: Duration = Duration::from_millis(4);
/// After that time the hashing threads have all they can do.
const SETTLED: Duration = Duration::from_millis(100);

pub(crate) const PING: &str = "/api/4.0/ping";
pub(crate) const CURRENT: &str = "/api/4.0/user/current";
pub(crate) const RESET: &str = "/api/4.0/user/reset_password";

/// The scene, the choices, and where results go.
pub(crate) struct Bench<'a> {
    pub(crate) scene: &'a Scene,
    pub(crate) options: &'a Options,
    pub(crate) report: &'a mut Report,
}

impl Bench<'_> {
    /// `GET ping` beside bare hyper.
    pub(crate) async fn ping(&mut self) {
        let scripts = [Script::new([get(PING, None)]), Script::new([get("/ping", None)])];
        self.contest("ping", "ping beside bare hyper", 0.85, scripts).await;
    }

    /// `GET user/current` with sessions beside the one statement that it takes.
    pub(crate) async fn current(&mut self) {
        let sessions = self.scene.sessions(self.options.connections).await;
        let ours = Script::new(sessions.iter().map(|(cookie, _)| get(CURRENT, Some(cookie))));
        let floor = Script::new(sessions.iter().map(|(_, digest)| get(&format!("/current/{digest}"), None)));
        self.contest("user/current", "user/current beside the floor", 0.75, [ours, floor]).await;
    }

    /// `POST user/reset_password`, every second address known, beside one INSERT of the same row.
    pub(crate) async fn reset(&mut self) {
        let bodies = (1..=5000).flat_map(|n| {
            [
                format!(r#"{{"email":"load{n}@load.example"}}"#),
                format!(r#"{{"email":"nobody{n}@load.example"}}"#),
            ]
        });
        let bodies = bodies.collect::<Vec<_>>();
        let ours = Script::new(bodies.iter().map(|body| post(RESET, body)));
        let floor = Script::new(bodies.iter().map(|body| post("/reset", body)));
        self.contest("user/reset_password", "user/reset_password beside the bare INSERT", 0.6, [ours, floor])
            .await;
    }

    /// `POST user/login`, every account once, so that each costs a bcrypt; and what `ping` feels of it.
    pub(crate) async fn cold_login(&mut self) {
        let latchkey = self.scene.forgetful();
        let logins = Script::new((self.options.connections + 1..self.options.accounts).map(login));
        let (mut runs, mut calm, mut meanwhile, mut bcrypt) =
            (Vec::new(), Vec::new(), Vec::new(), Vec::new());
        for _ in 0..self.options.rounds {
            bcrypt.extend((0..7).map(|_| one_bcrypt().as_secs_f64()));
            calm.push(self.pings(&latchkey, Duration::ZERO).await);
            let (run, ping) = tokio::join!(self.run(&latchkey, &logins), self.pings(&latchkey, SETTLED));
            runs.push(run);
            meanwhile.push(ping);
        }
        let bcrypt = Spread::of(bcrypt).median;
        let possible = machine::cores() as f64 / bcrypt;
        let ratio = Spread::of(runs.iter().map(|run| run.rate / possible));
        let calm_p99 = Spread::of(calm.iter().map(|run| run.p99)).median;
        let slower = Spread::of(meanwhile.iter().map(|run| run.p99 / calm_p99));
        let milliseconds = format!("{:.1}", bcrypt * 1000.0);
        self.report.circumstances.push(("one bcrypt of cost 10, ms", milliseconds.into()));
        self.series("user/login, cold", runs);
        self.series("ping, now and then", calm);
        self.series("ping, now and then, during cold logins", meanwhile);
        self.verdict("cold logins, of cores / time of one bcrypt", ratio, 0.95, true);
        self.verdict("p99 of ping during cold logins, of its idle p99", slower, 5.0, false);
    }

    /// Ours and the floor's, one after another, in turn.
    pub(crate) async fn contest(
        &mut self,
        name: &str,
        what: &'static str,
        bar: f64,
        scripts: [Arc<Script>; 2],
    ) {
        let servers = [&self.scene.latchkey, &self.scene.floor];
        for (server, script) in servers.iter().zip(&scripts) {
            self.load(server, script, WARM_UP).run().await;
            self.scene.rest().await;
        }
        let mut runs = [Vec::new(), Vec::new()];
        for _ in 0..self.options.rounds {
            for which in 0..2 {
                runs[which].push(self.run(servers[which], &scripts[which]).await);
                self.scene.rest().await;
            }
        }
        let [ours, floor] = runs;
        let ratio = Spread::of(ours.iter().zip(&floor).map(|(ours, floor)| ours.rate / floor.rate));
        self.series(&format!("{name}, latchkey"), ours);
        self.series(&format!("{name}, floor"), floor);
        self.verdict(what, ratio, bar, true);
    }

    pub(crate) async fn run(&self, server: &Server, script: &Arc<Script>) -> Run {
        let watch = Watch::start(server.id());
        let outcome = self.load(server, script, self.options.time).run().await;
        Run::of(outcome, watch.end())
    }

    /// Pings at a steady pace for a run's time, after a while.
    async fn pings(&self, server: &Server, after: Duration) -> Run {
        tokio::time::sleep(after).await;
        let watch = Watch::start(server.id());
        let script = Script::new([get(PING, None)]);
        let load = self.load(server, &script, self.options.time.saturating_sub(after));
        Run::of(Load { connections: 1, rest: PING_EVERY, ..load }.run().await, watch.end())
    }

    pub(crate) fn load(&self, server: &Server, script: &Arc<Script>, time: Duration) -> Load {
        let (to, script) = (server.address, Arc::clone(script));
        Load { to, script, connections: self.options.connections, time, rest: Duration::ZERO }
    }

    pub(crate) fn series(&mut self, name: &str, runs: Vec<Run>) {
        eprintln!("{name}: done");
        self.report.series.push(Series { name: name.to_owned(), runs });
    }

    pub(crate) fn verdict(&mut self, what: &'static str, value: Spread, bar: f64, above: bool) {
        self.report.verdicts.push(Verdict { what, value, bar, above });
    }
}

/// How long the work behind one password takes, on one core and with nothing beside it.
pub(crate) fn one_bcrypt() -> Duration {
    let start = Instant::now();
    std::hint::black_box(bcrypt::bcrypt(10, [7; 16], b"forty-four letters, as base64 of a digest.."));
    start.elapsed()
}
