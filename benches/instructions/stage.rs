//! PostgreSQL, latchkey under callgrind, some accounts, and what is asked.

use std::{ops::Range, path::PathBuf, time::Duration};

use latchkey::store::embedded::PrivateServer;
use tempfile::TempDir;
use tokio_postgres::{Client, NoTls};

use super::{
    WARM_UP,
    callgrind::{Counter, under},
    line::{Line, get, post},
    profile::Profile,
    server::Server,
};

const PASSWORD: &str = "a password for the instruction count";

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
    _postgres: PrivateServer,
    _data: TempDir,
}

impl Stage {
    pub(crate) fn build(runtime: &tokio::runtime::Runtime, binary: &str) -> Self {
        let data = TempDir::new().expect("no folder");
        open_to_all(&data);
        let postgres = PrivateServer::serve(&data.path().join("database")).expect("no PostgreSQL");
        let out = data.path().join("callgrind");
        let mut command = under(binary, &out);
        command.args(["--listen", "127.0.0.1:0"]).env("LATCHKEY_DATABASE__URL", postgres.url());
        command.arg("--data").arg(data.path().join("latchkey"));
        command.env("LATCHKEY_THROTTLE__EXEMPT", r#"["127.0.0.0/8"]"#);
        command.env("LATCHKEY_LOG__LEVEL", "warn").env("LATCHKEY_ADMIN_PASSWORD", PASSWORD);
        let server = Server::start(command);
        let counter = Counter::of(server.id(), &out);
        let sql = runtime.block_on(fill(&postgres.url()));
        Self { server, counter, sql, _postgres: postgres, _data: data }
    }

    /// Asks, and counts what it cost until all is quiet again.
    pub(crate) async fn count(&self, row: &Row, count: usize) -> Profile {
        let mut line = Line::open(self.server.address).await.expect("no connection");
        let answer = line.ask(&login()).await.expect("no answer");
        let answer = String::from_utf8_lossy(answer).into_owned();
        let cookie = answer.lines().find_map(|line| line.split_once(": mojolicious=")?.1.split(';').next());
        let cookie = format!("mojolicious={}", cookie.unwrap_or_else(|| panic!("no cookie in\n{answer}")));
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

/// When started by root the database runs as somebody else, who must be able to enter the folder.
fn open_to_all(data: &TempDir) {
    use std::os::unix::fs::PermissionsExt as _;
    std::fs::set_permissions(data.path(), std::fs::Permissions::from_mode(0o755)).expect("no permissions");
}
