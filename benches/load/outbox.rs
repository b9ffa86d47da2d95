//! Letters to a relay on this machine, by a latchkey as it runs in production, while the other one stands still.

use std::time::{Duration, Instant};

use super::{
    house::{
        relay::Relay,
        server::{Held, Server},
    },
    report::Spread,
    rows::Bench,
};

/// Letters of one run.
const LETTERS: i64 = 10_000;
/// One that takes longer has lost letters.
const PATIENCE: Duration = Duration::from_secs(120);

const PROMISE: &str = "INSERT INTO latchkey.outbox \
    (kind, dialect, recipient, origin, promised_at, expires_at, due_at) \
    SELECT 'password_reset', 'traffic_ops', 'load' || n || '@load.example', '192.0.2.7', \
      clock_timestamp(), clock_timestamp() + interval '1 hour', clock_timestamp() \
    FROM generate_series(1, $1::bigint) n";
const WAITING: &str = "SELECT count(*) FROM latchkey.outbox WHERE sent_at IS NULL AND given_up_at IS NULL";

impl Bench<'_> {
    /// Letters a second, and that each arrived once.
    pub(crate) async fn outbox(&mut self) {
        let letters = LETTERS.min(self.options.accounts as i64);
        let relay = Relay::start();
        self.scene.rest().await;
        let _still = Held::still(&self.scene.latchkey);
        let sender = self.scene.sending_to(relay.address);
        let mut rates = Vec::new();
        for _ in 0..self.options.rounds {
            rates.push(self.letters(&relay, letters, &sender).await);
        }
        self.verdict(
            "letters a second to a local relay, none lost, none doubled",
            Spread::of(rates),
            500.0,
            true,
        );
    }

    async fn letters(&self, relay: &Relay, count: i64, _: &Server) -> f64 {
        self.scene.sql.execute(PROMISE, &[&count]).await.expect("no letters");
        let start = Instant::now();
        while self.scene.sql.query_one(WAITING, &[]).await.expect("no outbox").get::<_, i64>(0) > 0 {
            assert!(start.elapsed() < PATIENCE, "letters are missing");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        let took = start.elapsed();
        relay.got_each_once(usize::try_from(count).expect("so many letters"));
        count as f64 / took.as_secs_f64()
    }
}
