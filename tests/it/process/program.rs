//! latchkey as a child process.

use std::{
    fs::{self, File, Permissions},
    io::{BufRead as _, BufReader, Write as _},
    net::SocketAddr,
    os::unix::fs::PermissionsExt as _,
    path::{Path, PathBuf},
    process::{Child, ChildStdout, Command, ExitStatus, Output, Stdio},
    thread,
    time::{Duration, Instant},
};

use latchkey::store::{Client as DatabaseClient, Database, DatabaseSettings, embedded::PrivateServer};
use rustix::process::{Pid, Signal, kill_process, test_kill_process};
use tempfile::TempDir;

use crate::support::{Client, through_pgbouncer, watcher};

/// The password of the first administrator in every house.
pub const ADMIN_PASSWORD: &str = "a first password for the administrator";

/// What nothing here may take.
pub const NEVER: Duration = Duration::from_secs(60);

/// A data folder and the settings of whatever runs on it. It goes with the test, so it has to outlive its programs.
pub struct House {
    folder: TempDir,
    settings: Vec<(String, String)>,
}

impl House {
    pub fn new() -> Self {
        let folder = tempfile::Builder::new().prefix("latchkey-").tempdir().unwrap();
        // Root's latchkey runs PostgreSQL as somebody else, who has to get in.
        fs::set_permissions(folder.path(), Permissions::from_mode(0o755)).unwrap();
        let house = Self { folder, settings: Vec::new() };
        // Cheap hashes: what they cost is not what is tested here.
        house
            .with("LATCHKEY_PASSWORD__COST", "4")
            .with("LATCHKEY_ADMIN_PASSWORD", ADMIN_PASSWORD)
            .with("LATCHKEY_ADMIN_EMAIL", "admin@example.test")
            .with("LATCHKEY_DATABASE__PREPARED_STATEMENTS", !through_pgbouncer())
    }

    /// The same house, with one more variable in the environment of its programs.
    pub fn with(mut self, variable: &str, value: impl ToString) -> Self {
        self.settings.push((variable.to_owned(), value.to_string()));
        self
    }

    /// A path in the data folder.
    pub fn inside(&self, path: &str) -> PathBuf {
        self.data().join(path)
    }

    fn data(&self) -> PathBuf {
        self.folder.path().join("var")
    }

    /// A connection to the private PostgreSQL of the server that runs.
    pub async fn database(&self) -> DatabaseClient {
        let url = PrivateServer::join_or_serve(&self.data()).unwrap().url();
        Database::open(&url, &DatabaseSettings::default()).unwrap().client().await.unwrap()
    }

    /// Starts a server on a free port; it is not ready yet.
    pub fn begin(&self, arguments: &[&str]) -> Beginning {
        let errors =
            self.folder.path().join(format!("stderr-{}", fs::read_dir(&self.folder).unwrap().count()));
        let mut command = self.command(arguments);
        command.args(["--listen", "127.0.0.1:0"]).stdin(Stdio::null()).stdout(Stdio::piped());
        let child = command.stderr(File::create(&errors).unwrap()).spawn().unwrap();
        Beginning(Guarded(child), errors)
    }

    /// A server that is ready.
    pub fn serve(&self) -> Program {
        self.begin(&[]).ready()
    }

    /// Runs a command to its end.
    pub fn run(&self, arguments: &[&str], input: &str) -> Output {
        let mut command = self.command(arguments);
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        // A command that does not read its input may be gone by now.
        let _ = child.stdin.take().unwrap().write_all(input.as_bytes());
        child.wait_with_output().unwrap()
    }

    /// Runs a command whose words go elsewhere.
    pub fn run_into(&self, arguments: &[&str], output: impl Into<Stdio>) -> Output {
        self.command(arguments).stdin(Stdio::null()).stdout(output).stderr(Stdio::piped()).output().unwrap()
    }

    /// What a command says that succeeds.
    #[track_caller]
    pub fn said(&self, arguments: &[&str]) -> String {
        said(self.run(arguments, ""))
    }

    /// Why a command is refused.
    #[track_caller]
    pub fn refused(&self, arguments: &[&str]) -> String {
        refused(self.run(arguments, ""))
    }

    /// Makes an account with the address `<name>@example.test`.
    pub fn has(&self, name: &str) {
        let address = format!("{name}@example.test");
        said(self.run(&["user", "add", name, "--email", &address, "--password-stdin"], ADMIN_PASSWORD));
    }

    /// The first process of the PostgreSQL in the data folder, by its pid file.
    pub fn postmaster(&self) -> Pid {
        let text = fs::read_to_string(self.inside("postgres/data/postmaster.pid")).unwrap();
        Pid::from_raw(text.lines().next().unwrap().parse().unwrap()).unwrap()
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = latchkey();
        command.args(["--data", "var"]).args(arguments).current_dir(&self.folder);
        command.envs(self.settings.iter().map(|(name, value)| (name, value)));
        command
    }
}

/// Ends with the value, in good order if it can: a PostgreSQL that is shot would be in the way of the folder's end.
struct Guarded(Child);

impl Drop for Guarded {
    fn drop(&mut self) {
        if self.0.try_wait().is_ok_and(|ended| ended.is_none()) {
            let _ = kill_process(self.pid(), Signal::TERM);
            let begun = Instant::now();
            while begun.elapsed() < NEVER && self.0.try_wait().is_ok_and(|ended| ended.is_none()) {
                thread::sleep(Duration::from_millis(10));
            }
            let _ = self.0.kill();
            let _ = self.0.wait();
        }
    }
}

impl Guarded {
    fn pid(&self) -> Pid {
        Pid::from_child(&self.0)
    }
}

/// A server that was started.
pub struct Beginning(Guarded, PathBuf);

impl Beginning {
    /// Waits until it listens.
    #[track_caller]
    pub fn ready(self) -> Program {
        let Self(mut child, errors) = self;
        let mut stdout = BufReader::new(child.0.stdout.take().unwrap());
        let (mut said, mut line) = (Vec::new(), String::new());
        loop {
            line.clear();
            if stdout.read_line(&mut line).unwrap() == 0 {
                panic!("latchkey did not start: {}", read(&errors));
            }
            said.push(line.trim_end().to_owned());
            let address = line.strip_prefix("latchkey listens on ").and_then(|rest| rest.split(',').next());
            if let Some(address) = address {
                let address = address.parse().unwrap();
                return Program { child, address, said, errors, _stdout: stdout };
            }
        }
    }
}

/// A server that was ready once.
pub struct Program {
    child: Guarded,
    /// Where it listens.
    pub address: SocketAddr,
    /// What it said before it listened.
    pub said: Vec<String>,
    errors: PathBuf,
    /// Held open, or the next word on it would end the program.
    _stdout: BufReader<ChildStdout>,
}

impl Program {
    /// Somebody who is not signed in, with the account of that name.
    pub fn client(&self, username: &str) -> Client {
        Client::new(self.address, Some(username.to_owned()))
    }

    /// Its process.
    pub fn pid(&self) -> u32 {
        self.child.0.id()
    }

    /// Its log so far.
    pub fn log(&self) -> String {
        read(&self.errors)
    }

    /// SIGHUP: reads its certificate and its keys again.
    pub fn hang_up(&self) {
        kill_process(self.child.pid(), Signal::HUP).unwrap();
    }

    /// SIGKILL.
    pub fn shoot(mut self) {
        self.child.0.kill().unwrap();
        self.child.0.wait().unwrap();
    }

    /// SIGTERM; returns when it has ended, and how long that took.
    pub fn stop(mut self) -> (ExitStatus, Duration) {
        let begun = Instant::now();
        kill_process(self.child.pid(), Signal::TERM).unwrap();
        while begun.elapsed() < NEVER {
            if let Some(status) = self.child.0.try_wait().unwrap() {
                return (status, begun.elapsed());
            }
            thread::sleep(Duration::from_millis(5));
        }
        panic!("latchkey goes on after SIGTERM: {}", self.log());
    }
}

/// Whatever a server said is watched for secrets.
impl Drop for Program {
    fn drop(&mut self) {
        watcher().hear(&fs::read_to_string(&self.errors).unwrap_or_default());
        watcher().is_content();
    }
}

/// The program, without what the tests' own environment says to it.
pub fn latchkey() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_latchkey"));
    let inherited = std::env::vars_os().map(|(name, _)| name);
    for name in inherited.filter(|name| name.to_string_lossy().starts_with("LATCHKEY")) {
        command.env_remove(name);
    }
    command
}

/// What a command said that succeeded.
#[track_caller]
pub fn said(output: Output) -> String {
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

/// Why a command was refused: what it said on standard error.
#[track_caller]
pub fn refused(output: Output) -> String {
    assert_eq!(output.status.code(), Some(1), "{}", String::from_utf8_lossy(&output.stdout));
    String::from_utf8(output.stderr).unwrap()
}

/// The most memory that a process ever had, in KiB.
pub fn peak(pid: u32) -> u64 {
    let status = read(Path::new(&format!("/proc/{pid}/status")));
    let line = status.lines().find(|line| line.starts_with("VmHWM:")).unwrap();
    line.split_whitespace().nth(1).unwrap().parse().unwrap()
}

/// Whether a process is there no more.
pub fn has_ended(pid: Pid) -> bool {
    test_kill_process(pid).is_err()
}

/// Waits until something is there; other tasks go on meanwhile.
pub async fn eventually<T>(what: &str, mut look: impl FnMut() -> Option<T>) -> T {
    let begun = Instant::now();
    loop {
        if let Some(found) = look() {
            return found;
        }
        assert!(begun.elapsed() < NEVER, "{what}: not within {NEVER:?}");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

fn read(file: &Path) -> String {
    fs::read_to_string(file).unwrap()
}
