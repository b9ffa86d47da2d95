//! SIGKILL under load, again and again, PostgreSQL with it: what was acknowledged is there afterwards.

use std::{io, net::SocketAddr, time::Duration};

use latchkey::ports::{Entropy as _, OsEntropy};
use serde_json::{Value, json};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
    sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel},
    task::JoinSet,
};

use super::program::{ADMIN_PASSWORD, House, Program};
use crate::support::Client;

/// Five, or as many as `LATCHKEY_KILLS` says: the long run, `LATCHKEY_KILLS=100 cargo test --test it ledger`.
fn kills() -> u32 {
    std::env::var("LATCHKEY_KILLS").ok().and_then(|text| text.parse().ok()).unwrap_or(5)
}

/// Acknowledged writes of all writers between two kills, at least.
const AT_LEAST: usize = 40;

/// What a writer writes. Each write has a number; who overwrites shows the last one.
#[derive(Clone, Copy, PartialEq)]
enum Kind {
    /// New accounts, which stay.
    Accounts,
    /// The own full name.
    Profile,
    /// The own password.
    Password,
}

/// Somebody who writes, and keeps a ledger of what was acknowledged.
struct Writer {
    kind: Kind,
    client: Client,
    /// The last number that was acknowledged.
    acknowledged: u64,
    /// The last number that was sent: it may be there or not.
    sent: u64,
    /// All numbers that were acknowledged.
    ledger: Vec<u64>,
}

impl Writer {
    fn password(number: u64) -> String {
        match number {
            0 => ADMIN_PASSWORD.to_owned(),
            number => format!("a password that nobody guesses, number {number}"),
        }
    }

    fn account(&self, number: u64) -> String {
        format!("{}-{number}", self.client.username())
    }

    /// The request for a number: method, path, body.
    fn write(&self, number: u64) -> (&'static str, &'static str, Value) {
        let name = self.client.username();
        match self.kind {
            Kind::Accounts => {
                let account = self.account(number);
                let email = format!("{account}@example.test");
                let password = Self::password(1);
                (
                    "POST",
                    "/api/5.0/users",
                    json!({
                        "username": account, "email": email, "fullName": "of the ledger", "role": "read-only",
                        "tenantId": 1, "localPasswd": password, "confirmLocalPasswd": password,
                    }),
                )
            }
            Kind::Profile => (
                "PUT",
                "/api/3.1/user/current",
                json!({ "user": { "fullName": format!("number {number}") } }),
            ),
            Kind::Password => (
                "PUT",
                "/api/5.0/user/current",
                json!({
                    "username": name, "email": self.client.email(), "fullName": "of the ledger", "role": "read-only",
                    "tenantId": 1, "localPasswd": Self::password(number),
                }),
            ),
        }
    }

    /// Writes until the server is gone, and tells of each acknowledgement.
    async fn go_on(mut self, server: SocketAddr, told: UnboundedSender<()>) -> Self {
        loop {
            let number = self.sent + 1;
            let (method, path, body) = self.write(number);
            self.sent = number;
            match exchange(server, &self.client, method, path, &body).await {
                Ok(200 | 201) => {
                    self.acknowledged = number;
                    self.ledger.push(number);
                }
                Ok(status) => panic!("{method} {path} number {number}: {status}"),
                Err(_) => return self,
            }
            // Nobody counts any more when the kill is under way.
            let _ = told.send(());
        }
    }

    /// Fails unless everything that was acknowledged is there, and nothing that was not sent.
    async fn check(&mut self, server: &Program) {
        self.client = self.client.at(server.address);
        let own = self.client.get("user/current").await;
        assert_eq!(own.status, 200, "the session of {} was acknowledged too", self.client.username());
        let found = match self.kind {
            Kind::Profile => {
                let name = own.json()["response"]["fullName"].as_str().unwrap_or_default().to_owned();
                name.strip_prefix("number ").and_then(|number| number.parse().ok()).unwrap_or(0)
            }
            Kind::Password => self.password_that_is_good(server).await,
            // Looked for at the end, all together.
            Kind::Accounts => self.sent,
        };
        assert!(
            (self.acknowledged..=self.sent).contains(&found),
            "{}: {found} is there, {} was acknowledged, {} was sent",
            self.client.username(),
            self.acknowledged,
            self.sent
        );
        self.acknowledged = found;
        self.sent = found;
    }

    async fn password_that_is_good(&self, server: &Program) -> u64 {
        let guest = server.client(self.client.username());
        for number in [self.sent, self.acknowledged] {
            let body = json!({ "u": guest.username(), "p": Self::password(number) });
            if guest.post("user/login", body).await.status == 200 {
                return number;
            }
        }
        panic!("{}: neither {} nor {} signs in", guest.username(), self.sent, self.acknowledged)
    }
}

/// One request on a connection of its own. An answer counts when it is there whole.
async fn exchange(
    server: SocketAddr,
    client: &Client,
    method: &str,
    path: &str,
    body: &Value,
) -> io::Result<u16> {
    let (body, cookie) = (body.to_string(), client.cookie("mojolicious").unwrap_or_default());
    let head = format!(
        "{method} {path} HTTP/1.1\r\nHost: {server}\r\nConnection: close\r\nCookie: mojolicious={cookie}\r\n\
         Content-Length: {}\r\n\r\n{body}",
        body.len()
    );
    let mut stream = TcpStream::connect(server).await?;
    stream.write_all(head.as_bytes()).await?;
    let mut heard = Vec::new();
    stream.read_to_end(&mut heard).await?;
    let head_ends = heard.windows(4).position(|bytes| bytes == b"\r\n\r\n");
    let status = std::str::from_utf8(heard.get(9..12).unwrap_or_default()).ok();
    match (head_ends, status.and_then(|status| status.parse().ok())) {
        (Some(_), Some(status)) => Ok(status),
        _ if heard.is_empty() => Err(io::ErrorKind::UnexpectedEof.into()),
        _ => Err(io::Error::new(io::ErrorKind::InvalidData, "half an answer")),
    }
}

async fn writers(house: &House, server: &Program) -> Vec<Writer> {
    let kinds =
        [Kind::Accounts, Kind::Accounts, Kind::Profile, Kind::Profile, Kind::Password, Kind::Password];
    let mut writers = Vec::new();
    for (place, kind) in kinds.into_iter().enumerate() {
        let name = format!("writer{place}");
        let mut client = match kind {
            Kind::Accounts => server.client("admin"),
            Kind::Profile | Kind::Password => {
                house.has(&name);
                server.client(&name)
            }
        };
        client.sign_in(ADMIN_PASSWORD).await;
        // Two may write as one person; what they write has to differ.
        let begin = if kind == Kind::Accounts { place as u64 * 1_000_000 } else { 0 };
        writers.push(Writer { kind, client, acknowledged: begin, sent: begin, ledger: Vec::new() });
    }
    writers
}

/// Lets all write until enough was acknowledged and a moment longer, then ends the server; the writers with their
/// ledgers, and how much was acknowledged.
async fn write_until(
    end: impl FnOnce(Program),
    server: Program,
    writers: Vec<Writer>,
) -> (Vec<Writer>, usize) {
    let (told, mut acknowledgements) = unbounded_channel();
    let mut running = JoinSet::new();
    for writer in writers {
        running.spawn(writer.go_on(server.address, told.clone()));
    }
    drop(told);
    let mut count = 0;
    while count < AT_LEAST {
        acknowledgements.recv().await.expect("all writers gave up");
        count += 1;
    }
    let mut chance = [0];
    OsEntropy.fill(&mut chance);
    tokio::time::sleep(Duration::from_micros(u64::from(chance[0]) * 400)).await;
    end(server);
    let writers = running.join_all().await;
    (writers, count + left(&mut acknowledgements))
}

fn left(acknowledgements: &mut UnboundedReceiver<()>) -> usize {
    std::iter::from_fn(|| acknowledgements.try_recv().ok()).count()
}

#[tokio::test(flavor = "multi_thread")]
async fn killed_under_load_again_and_again_it_loses_nothing_that_was_acknowledged() {
    let house = House::new();
    let mut server = house.serve();
    let mut writers = writers(&house, &server).await;
    let mut total = 0;
    for _ in 0..kills() {
        let (theirs, count) = write_until(Program::shoot, server, writers).await;
        writers = theirs;
        total += count;
        server = house.serve();
        for writer in &mut writers {
            writer.check(&server).await;
        }
    }
    let rows = house.database().await.query("SELECT username FROM tm_user", &[]).await.unwrap();
    let there: std::collections::HashSet<String> = rows.iter().map(|row| row.get(0)).collect();
    let mut accounts = 0;
    for writer in writers.iter().filter(|writer| writer.kind == Kind::Accounts) {
        for number in &writer.ledger {
            assert!(there.contains(&writer.account(*number)), "{} is gone", writer.account(*number));
            accounts += 1;
        }
    }
    println!("{} kills: {total} acknowledged writes, {accounts} of them new accounts, none lost", kills());
}

/// Whoever asks while the server stops is answered, or was never heard: nothing happens without an answer.
#[tokio::test(flavor = "multi_thread")]
async fn stopped_under_load_it_answers_whatever_it_has_begun() {
    let house = House::new();
    let mut server = house.serve();
    let mut writers = writers(&house, &server).await;
    writers.retain(|writer| writer.kind == Kind::Accounts);
    for _ in 0..3 {
        let stop = |server: Program| {
            let (status, took) = server.stop();
            assert!(status.success());
            println!("stopped under load in {} ms", took.as_millis());
        };
        let (theirs, _) = write_until(stop, server, writers).await;
        writers = theirs;
        server = house.serve();
        let database = house.database().await;
        for writer in &mut writers {
            for number in [writer.acknowledged, writer.sent] {
                let name = writer.account(number);
                let found =
                    database.query("SELECT FROM tm_user WHERE username = $1", &[&name]).await.unwrap();
                assert_eq!(found.len() == 1, number <= writer.acknowledged, "{name}");
            }
            writer.client = writer.client.at(server.address);
            writer.sent = writer.acknowledged;
        }
    }
}
