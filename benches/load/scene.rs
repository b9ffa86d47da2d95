//! The scene: a PostgreSQL with its accounts, latchkey and the floor on top of it.

use std::{net::SocketAddr, process::Command, sync::Arc};

use bytes::Bytes;
use futures_util::SinkExt as _;
use latchkey::{
    domain::{Password, PasswordContext},
    ports::{Hasher, HasherSettings, OsEntropy, SystemClock},
};
use tokio_postgres::{Client, NoTls};

use super::{
    house::{
        self, House, PASSWORD,
        line::{Line, post},
        server::Server,
        sign_in,
    },
    options::Options,
};

/// What is running. The fields go down in this order.
pub(crate) struct Scene {
    pub(crate) latchkey: Server,
    pub(crate) floor: Server,
    pub(crate) sql: Client,
    /// Of the database server, as it names itself.
    pub(crate) version: String,
    house: House,
}

impl Scene {
    /// Builds it. PostgreSQL runs as in production: what is committed is on the disk.
    pub(crate) fn build(runtime: &tokio::runtime::Runtime, options: &Options) -> Self {
        let house = House::build();
        // The first start makes the tables and the first administrator; the one that is measured has them.
        drop(Server::start(latchkey(&house)));
        let latchkey = Server::start(latchkey(&house));
        let sql = runtime.block_on(fill(&house.url(), options.accounts));
        let mut floor = Command::new(std::env::current_exe().expect("own name"));
        floor.arg("floor").env("FLOOR_DATABASE", house.url());
        let floor = Server::start(floor);
        let version = house.version();
        Self { latchkey, floor, sql, version, house }
    }

    /// Signs the first accounts in and returns their cookies, with the digests of their sessions in hex.
    pub(crate) async fn sessions(&self, count: usize) -> Vec<(String, String)> {
        let mut sessions = Vec::new();
        let mut line = Line::open(self.latchkey.address).await.expect("no connection");
        for account in 1..=count {
            let cookie = sign_in(&mut line, &name(account)).await;
            let newest = "SELECT encode(digest, 'hex') FROM latchkey.session ORDER BY id DESC LIMIT 1";
            let digest = self.sql.query_one(newest, &[]).await.expect("no session").get(0);
            sessions.push((cookie, digest));
        }
        sessions
    }

    /// Another latchkey on the same database, whose letters go to a relay on this machine.
    pub(crate) fn sending_to(&self, relay: SocketAddr) -> Server {
        let mut command = latchkey(&self.house);
        for (name, value) in [
            ("TRANSPORT", "smtp".to_owned()),
            ("SMTP__HOST", relay.ip().to_string()),
            ("SMTP__PORT", relay.port().to_string()),
            ("SMTP__SECURITY", "none".to_owned()),
        ] {
            command.env(format!("LATCHKEY_MAIL__{name}"), value);
        }
        Server::start(command)
    }

    /// Another latchkey on the same database that remembers no right password: the accounts of the scene share one hash,
    /// and one bcrypt would do for all.
    pub(crate) fn forgetful(&self) -> Server {
        let mut command = latchkey(&self.house);
        command.env("LATCHKEY_PASSWORD__REMEMBER_VERIFIED", "0");
        Server::start(command)
    }

    /// The header line of a client program that may ask for reminders.
    pub(crate) async fn bearer(&self) -> String {
        let program = "INSERT INTO latchkey.oauth_client (id, secret_digest, name, created_at) \
            VALUES ('load', sha256('a secret'), 'load', now()) ON CONFLICT DO NOTHING";
        self.sql.execute(program, &[]).await.expect("no client program");
        let grant = r#"{"grant_type":"client_credentials","client_id":"load","client_secret":"a secret"}"#;
        let mut line = Line::open(self.latchkey.address).await.expect("no connection");
        let answer = line.ask(&post("/oauth", grant)).await.expect("no answer");
        let answer = String::from_utf8_lossy(answer).into_owned();
        let token = answer.split(r#""access_token":""#).nth(1).and_then(|rest| rest.split('"').next());
        format!("Authorization: Bearer {}\r\n", token.unwrap_or_else(|| panic!("no token in\n{answer}")))
    }

    /// Drops the letters that are still to be written, so that the courier is at rest when the next run begins.
    pub(crate) async fn rest(&self) {
        let waiting = "DELETE FROM latchkey.outbox WHERE sent_at IS NULL AND given_up_at IS NULL";
        for _ in 0..2 {
            self.sql.execute(waiting, &[]).await.expect("the outbox can't be emptied");
            tokio::time::sleep(std::time::Duration::from_millis(300)).await;
        }
    }
}

/// The request of an account's sign-in.
pub(crate) fn login(account: usize) -> Vec<u8> {
    post("/api/4.0/user/login", &format!(r#"{{"u":"{}","p":"{PASSWORD}"}}"#, name(account)))
}

fn name(account: usize) -> String {
    format!("load{account}")
}

fn latchkey(house: &House) -> Command {
    let mut command = house.furnish(house::latchkey());
    // All requests come from one address, and each address is asked for more often than its holder would like. It
    // is counted, though: counting is a part of the work.
    command.env("LATCHKEY_LIMITS__CONNECTIONS_PER_ADDRESS", "0");
    command.env("LATCHKEY_THROTTLE__ADDRESS_BURST", "1000000000");
    command.env("LATCHKEY_THROTTLE__LETTERS_PER_HOUR", "1000000");
    // What is compared is the answer that tells nobody anything.
    for dialect in ["TIMESLOT", "TEEN_QUOTES", "BUDDHA_JONES"] {
        command.env(format!("LATCHKEY_DIALECTS__{dialect}__UNKNOWN_ACCOUNT"), "uniform");
    }
    command
}

/// Makes the accounts, all with one password and one session each, and the floor's own tables.
async fn fill(url: &str, accounts: usize) -> Client {
    let (client, connection) = tokio_postgres::connect(url, NoTls).await.expect("no database");
    tokio::spawn(connection);
    let hasher =
        Hasher::start(HasherSettings::default(), Arc::new(SystemClock::default()), Arc::new(OsEntropy));
    let password = Password::parse(PASSWORD, &PasswordContext::default()).expect("a password");
    let hash = hasher.hash(password).await.expect("no hash");
    let ids = "SELECT r.id, t.id, (SELECT coalesce(max(id), 0) FROM public.tm_user) \
        FROM public.role r, public.tenant t WHERE r.name = 'operations' AND t.name = 'root'";
    let ids = client.query_one(ids, &[]).await.expect("no roles");
    let (role, tenant, last): (i64, i64, i64) = (ids.get(0), ids.get(1), ids.get(2));
    let account = |n: usize| {
        let name = name(n);
        format!("{name}\t{name}@load.example\tLoad Test\t{role}\t{tenant}\t{}\n", hash.as_str())
    };
    copy(
        &client,
        "public.tm_user (username, email, full_name, role, tenant_id, local_passwd)",
        accounts,
        account,
    )
    .await;
    let session = |n: usize| format!("{}\t\\\\x{:064x}\tnow\tnow\ttomorrow\n", last + n as i64, n);
    let columns = "latchkey.session (account_id, digest, opened_at, last_seen_at, ends_at)";
    copy(&client, columns, accounts, session).await;
    for statement in [FLOOR, "VACUUM ANALYZE public.tm_user", "VACUUM ANALYZE latchkey.session"] {
        client.batch_execute(statement).await.expect("no table for the floor");
    }
    client
}

/// Rows by `COPY`, some thousand at a time.
async fn copy(client: &Client, columns: &str, count: usize, row: impl Fn(usize) -> String) {
    let sink = client.copy_in(&format!("COPY {columns} FROM STDIN")).await.expect("no COPY");
    let mut sink = std::pin::pin!(sink);
    for first in (1..=count).step_by(5_000) {
        let rows: String = (first..=count.min(first + 4_999)).map(&row).collect();
        sink.send(Bytes::from(rows)).await.expect("rows are not taken");
    }
    sink.finish().await.expect("rows are not taken");
}

const FLOOR: &str = "CREATE SCHEMA floor; \
    CREATE TABLE floor.outbox (LIKE latchkey.outbox INCLUDING ALL); \
    CREATE TABLE floor.letter_allowance (LIKE latchkey.letter_allowance INCLUDING ALL)";
