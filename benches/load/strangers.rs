//! Names that have an account beside names that have none: what a stranger with a clock could find out.

use std::time::Instant;

use super::{
    house::line::{Line, post_with},
    report::{Spread, percentile},
    rows::{Bench, RESET},
};

/// Asks of each kind in a round.
const COMPARED: usize = 2000;

/// One operation that strangers may call with a name.
struct Asking {
    /// What the report calls it, and its tail.
    names: [&'static str; 2],
    path: &'static str,
    /// More header lines.
    head: String,
    /// The body around the name.
    body: [String; 2],
    /// What everybody is answered.
    status: &'static str,
    /// Rounds, of those that were asked for: each of these costs a bcrypt.
    rounds: usize,
}

impl Asking {
    fn login() -> Self {
        Self {
            names: ["login: distance of medians", "login: p99 in ms"],
            path: "/api/4.0/user/login",
            head: String::new(),
            body: [r#"{"u":""#.to_owned(), r#"","p":"not the password of anybody"}"#.to_owned()],
            status: "HTTP/1.1 401",
            rounds: 1,
        }
    }

    fn request(&self, name: &str) -> Vec<u8> {
        let [before, after] = &self.body;
        post_with(self.path, &self.head, &format!("{before}{name}{after}"))
    }
}

impl Bench<'_> {
    /// A reset for names that have an account and for such that have none, in turn, in each contract; then a sign-in
    /// with a wrong password.
    pub(crate) async fn known_and_unknown(&mut self) {
        for asking in self.askings().await {
            let (mut distances, mut tails) = (Vec::new(), Vec::new());
            for round in 0..asking.rounds {
                let [known, unknown] = self.in_turn(round, &asking).await;
                distances.push((percentile(&known, 0.5) / percentile(&unknown, 0.5) - 1.0).abs());
                tails.push(format!(
                    "known {:.2}, unknown {:.2}",
                    percentile(&known, 0.99),
                    percentile(&unknown, 0.99)
                ));
                self.scene.rest().await;
            }
            let [distance, tail] = asking.names;
            self.report.circumstances.push((tail, tails.join("; ").into()));
            self.verdict(distance, Spread::of(distances), 0.05, false);
        }
    }

    async fn askings(&self) -> Vec<Asking> {
        let mut askings = Vec::new();
        let url = format!(r#","url":"http://{}/?token=""#, self.scene.latchkey.address);
        let bearer = self.scene.bearer().await;
        for (names, path, head, more) in [
            (["traffic_ops, reset: distance of medians", "traffic_ops, reset: p99 in ms"], RESET, "", ""),
            (
                ["timeslot, reset: distance of medians", "timeslot, reset: p99 in ms"],
                "/v1/users/reset",
                "",
                "",
            ),
            (
                ["teen_quotes, reset: distance of medians", "teen_quotes, reset: p99 in ms"],
                "/v1/password/remind",
                &*bearer,
                "",
            ),
            (
                ["buddha_jones, reset: distance of medians", "buddha_jones, reset: p99 in ms"],
                "/password-reset",
                "",
                &*url,
            ),
        ] {
            let body = [r#"{"email":""#.to_owned(), format!(r#"@load.example"{more}}}"#)];
            let (head, rounds) = (head.to_owned(), self.options.rounds);
            askings.push(Asking { names, path, head, body, status: "HTTP/1.1 200", rounds });
        }
        askings.push(Asking::login());
        askings
    }

    /// Sorted microseconds for known names and for unknown ones.
    async fn in_turn(&self, round: usize, asking: &Asking) -> [Vec<u32>; 2] {
        let mut line = Line::open(self.scene.latchkey.address).await.expect("no connection");
        let mut times = [Vec::new(), Vec::new()];
        for n in 0..COMPARED * 2 {
            // Which of the two comes first changes, so that neither always has the other's work behind it.
            let which = (n + n / 2 + round) % 2;
            let request = asking.request(&format!("{}{}", ["load", "none"][which], 1000 + n / 2));
            let asked = Instant::now();
            let answer = line.ask(&request).await.expect("no answer");
            assert!(answer.starts_with(asking.status.as_bytes()), "{}", String::from_utf8_lossy(answer));
            times[which].push(asked.elapsed().as_micros() as u32);
        }
        times.iter_mut().for_each(|times| times.sort_unstable());
        times
    }
}
