//! PostgreSQL, latchkey under callgrind, some accounts, and what is asked.

use std::{ops::Range, path::PathBuf, time::Duration};

use tokio_postgres::{Client, NoTls};

use super::{
    WARM_UP,
    callgrind::{Counter, under},
    house::{
        House, PASSWORD,
        line::{Line, get, post},
        server::Server,
        sign_in,
    },
    profile::Profile,
};

/// Something that is asked over and over.
pub(crate) struct Row {
    pub(crate) name: &'static str,
    ask: fn(cookie: &str, turn: usize) -> Vec<u8>,
}

/// All that is counted.
pub(crate) const ROWS: &[Row] = &[
    Row { name: "ping", ask: |_, _| get("/api/4.0/ping", None) },
    Row { name: "user/current", ask: |cookie, _| get("/api/4.0/user/current", Some(cookie)) },
    Row { name: "user/login, within the minute", ask: |_, _| login() },
    Row {
        name: "user/reset_password, nobody's address",
        ask: |_, turn| reset(&format!("nobody{turn}@example.test")),
    },
    Row {
        name: "user/reset_password, with the letter",
        ask: |_, turn| reset(&format!("user{turn}@example.test")),
    },
];

fn login() -> Vec<u8> {
    post("/api/4.0/user/login", &format!(r#"{{"u":"user1","p":"{PASSWORD}"}}"#))
}

fn reset(email: &str) -> Vec<u8> {
    post("/api/4.0/user/reset_password", &format!(r#"{{"email":"{email}"}}"#))
}

/// Where profiles go.
pub(crate) fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_TARGET_TMPDIR"))
}

/// What is running. The fields go down in this order.
pub(crate) struct Stage {
    server: Server,
    counter: Counter,
    sql: Client,
    _house: House,
}

impl Stage {
    pub(crate) fn build(runtime: &tokio::runtime::Runtime, binary: &str) -> Self {
        let house = House::build();
        let out = house.folder().join("callgrind");
        let mut latchkey = house.furnish(under(binary, &out));
        latchkey.env("LATCHKEY_THROTTLE__EXEMPT", r#"["127.0.0.0/8"]"#);
        let server = Server::start(latchkey);
        let counter = Counter::of(server.id(), &out);
        let sql = runtime.block_on(fill(&house.url()));
        Self { server, counter, sql, _house: house }
    }

    /// Asks, and counts what it cost until all is quiet again.
    pub(crate) async fn count(&self, row: &Row, count: usize) -> Profile {
        let mut line = Line::open(self.server.address).await.expect("no connection");
        let cookie = sign_in(&mut line, "user1").await;
        for turn in 0..WARM_UP.min(count) {
            ask(&mut line, &(row.ask)(&cookie, turn)).await;
        }
        // The lower of two: a connection to the database that is made meanwhile costs more than all requests.
        let first = self.counted(&mut line, row, &cookie, 0..count).await;
        let second = self.counted(&mut line, row, &cookie, count..2 * count).await;
        if second.total < first.total { second } else { first }
    }

    async fn counted(&self, line: &mut Line, row: &Row, cookie: &str, turns: Range<usize>) -> Profile {
        self.quiet().await;
        self.counter.start();
        for turn in turns {
            ask(line, &(row.ask)(cookie, WARM_UP + turn)).await;
        }
        self.quiet().await;
        Profile::read(&self.counter.stop())
    }

    /// Waits until every promised letter is on its way.
    async fn quiet(&self) {
        let waiting = "SELECT count(*) FROM latchkey.outbox WHERE sent_at IS NULL AND given_up_at IS NULL";
        while self.sql.query_one(waiting, &[]).await.expect("the outbox").get::<_, i64>(0) > 0 {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }
}

async fn ask(line: &mut Line, request: &[u8]) {
    let answer = line.ask(request).await.expect("no answer");
    assert!(answer.starts_with(b"HTTP/1.1 200"), "{}", String::from_utf8_lossy(answer));
}

/// Makes accounts with the administrator's password.
async fn fill(url: &str) -> Client {
    let (client, connection) = tokio_postgres::connect(url, NoTls).await.expect("no database");
    tokio::spawn(connection);
    let accounts = "INSERT INTO public.tm_user (username, email, full_name, role, tenant_id, local_passwd) \
        SELECT 'user' || n, 'user' || n || '@example.test', 'User ' || n, r.id, a.tenant_id, a.local_passwd \
        FROM generate_series(1, 2000) n, public.tm_user a, public.role r \
        WHERE a.username = 'admin' AND r.name = 'operations'";
    client.execute(accounts, &[]).await.expect("accounts");
    client.batch_execute("VACUUM ANALYZE").await.expect("statistics");
    client
}
