//! latchkey as a process: its own database, letters in a folder, the mailbox to read them in.

use std::{
    fs::{self, File, Permissions},
    io::{BufRead as _, BufReader, Write as _},
    os::unix::fs::PermissionsExt as _,
    path::PathBuf,
    process::{Child, ChildStdout, Command, Stdio},
    time::{Duration, Instant},
};

use latchkey::store::{Client as DatabaseClient, Database, DatabaseSettings, embedded::PrivateServer};
use rustix::process::{Pid, Signal, kill_process};
use tempfile::TempDir;

/// The password of every account here.
pub const PASSWORD: &str = "correct horse battery staple";

/// The one connection to a database whose door is shut.
pub struct Closed(DatabaseClient);

impl Closed {
    /// Opens the door.
    pub async fn open_again(self) {
        self.0.batch_execute("ALTER DATABASE latchkey CONNECTION LIMIT -1").await.unwrap();
    }
}

/// A server that runs until the test ends.
pub struct House {
    /// Where people reach it.
    pub url: String,
    server: Child,
    _stdout: BufReader<ChildStdout>,
    folder: TempDir,
}

impl House {
    pub fn open() -> Self {
        let folder = tempfile::Builder::new().prefix("latchkey-browser-").tempdir().unwrap();
        // Root's latchkey runs PostgreSQL as somebody else, who has to get in.
        fs::set_permissions(folder.path(), Permissions::from_mode(0o755)).unwrap();
        let mut command = command(&folder);
        command.args(["--listen", "127.0.0.1:0"]).stdin(Stdio::null()).stdout(Stdio::piped());
        let log = File::create(folder.path().join("log")).unwrap();
        let mut server = command.stderr(log).spawn().unwrap();
        let mut stdout = BufReader::new(server.stdout.take().unwrap());
        let url = loop {
            let mut line = String::new();
            let read = stdout.read_line(&mut line).unwrap();
            let log = || fs::read_to_string(folder.path().join("log")).unwrap_or_default();
            assert!(read > 0, "latchkey did not start: {}", log());
            if let Some(address) = line.strip_prefix("latchkey listens on ") {
                break format!("http://{}", address.split(',').next().unwrap().trim());
            }
        };
        Self { url, server, _stdout: stdout, folder }
    }

    /// Makes an account with the address `<name>@example.test`.
    pub fn has(&self, name: &str, role: &str) {
        let address = format!("{name}@example.test");
        let mut command = command(&self.folder);
        command.args(["user", "add", name, "--email", &address, "--role", role, "--password-stdin"]);
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::null()).spawn().unwrap();
        child.stdin.take().unwrap().write_all(PASSWORD.as_bytes()).unwrap();
        assert!(child.wait().unwrap().success(), "{name} is made");
    }

    /// Runs statements on its database.
    pub async fn sql(&self, statements: &str) {
        self.database().await.batch_execute(statements).await.unwrap();
    }

    /// The first column of the one row that a query returns.
    pub async fn number(&self, query: &str) -> i64 {
        self.database().await.query_one(query, &[]).await.unwrap().get(0)
    }

    /// Shuts the database's door to everybody who is not in yet, and throws the others out.
    pub async fn closed(&self) -> Closed {
        const OUT: &str = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity \
             WHERE usename = current_user AND pid <> pg_backend_pid()";
        let held = self.database().await;
        held.batch_execute("ALTER DATABASE latchkey CONNECTION LIMIT 0").await.unwrap();
        held.batch_execute(OUT).await.unwrap();
        Closed(held)
    }

    async fn database(&self) -> DatabaseClient {
        let url = PrivateServer::join_or_serve(&self.data()).unwrap().url();
        Database::open(&url, &DatabaseSettings::default()).unwrap().client().await.unwrap()
    }

    fn data(&self) -> PathBuf {
        self.folder.path().join("var")
    }
}

fn command(folder: &TempDir) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_latchkey"));
    let inherited = std::env::vars_os().map(|(name, _)| name);
    for name in inherited.filter(|name| name.to_string_lossy().starts_with("LATCHKEY")) {
        command.env_remove(name);
    }
    // Cheap hashes: what they cost is not what is tested here.
    command.env("LATCHKEY_PASSWORD__COST", "4").env("LATCHKEY_ADMIN_PASSWORD", PASSWORD);
    command.env("LATCHKEY_ADMIN_EMAIL", "admin@example.test").env("LATCHKEY_MAIL__INSTANCE", "Example CDN");
    command.args(["--data", "var"]).current_dir(folder.path());
    command
}

impl Drop for House {
    /// In good order if it can: a PostgreSQL that is shot would be in the way of the folder's end.
    fn drop(&mut self) {
        let _ = kill_process(Pid::from_child(&self.server), Signal::TERM);
        let begun = Instant::now();
        while begun.elapsed() < Duration::from_secs(30)
            && self.server.try_wait().is_ok_and(|ended| ended.is_none())
        {
            std::thread::sleep(Duration::from_millis(10));
        }
        let _ = self.server.kill();
        let _ = self.server.wait();
    }
}
