//! PostgreSQL servers of a test's own: made, copied, killed, frozen, promoted.

use std::{
    fs,
    net::TcpListener,
    os::unix::{fs::PermissionsExt as _, process::CommandExt as _},
    path::{Path, PathBuf},
    process::{Child, Command, Output, Stdio},
    thread,
    time::{Duration, Instant},
};

use nix::unistd::{User, chown};
use rustix::process::{Pid, Signal, kill_process};
use tempfile::TempDir;

use crate::support::unprivileged;

/// What nothing here may take.
const NEVER: Duration = Duration::from_secs(60);

/// A PostgreSQL on a port of the loopback. Anybody may come in as `latchkey`, who may do everything.
pub struct Server {
    folder: TempDir,
    port: u16,
    postmaster: Option<Child>,
}

impl Server {
    /// A new one that runs, with lines added to its configuration.
    pub fn start(more: &str) -> Self {
        let mut server = Self::place();
        let data = server.data();
        let path = data.to_str().unwrap();
        let made = ["--username=latchkey", "--auth=trust", "--no-sync", "--encoding=UTF8", "-D", path];
        done(program("initdb").args(made));
        server.configure(more);
        server.run();
        server
    }

    /// A copy of another that follows it.
    pub fn following(primary: &Self) -> Self {
        let mut server = Self::place();
        let data = server.data();
        let from = format!("host=127.0.0.1 port={} user=latchkey application_name=standby", primary.port);
        let path = data.to_str().unwrap();
        let copied = ["-R", "--wal-method=stream", "--checkpoint=fast", "--no-sync", "-d", &from, "-D", path];
        done(program("pg_basebackup").args(copied));
        server.configure("");
        server.run();
        server
    }

    fn place() -> Self {
        let folder = tempfile::Builder::new().prefix("latchkey-server-").tempdir().unwrap();
        fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o755)).unwrap();
        give_away(folder.path());
        // Whoever takes it before PostgreSQL does fails this test with plain words.
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        Self { folder, port, postmaster: None }
    }

    fn configure(&self, more: &str) {
        let file = self.data().join("postgresql.conf");
        let before = fs::read_to_string(&file).unwrap();
        let own = format!(
            "port = {}\nlisten_addresses = '127.0.0.1'\nunix_socket_directories = ''\nfsync = off\nmax_connections = 60\n\
             shared_buffers = '16MB'\nwal_receiver_status_interval = '1s'\n",
            self.port
        );
        // Overwritten in place, so that it stays its owner's.
        fs::write(file, format!("{before}\n{own}{more}\n")).unwrap();
    }

    pub fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    /// A file that the server may read, and nobody else.
    pub fn keeps(&self, name: &str, text: &str) -> PathBuf {
        let file = self.folder.path().join(name);
        fs::write(&file, text).unwrap();
        fs::set_permissions(&file, fs::Permissions::from_mode(0o600)).unwrap();
        give_away(&file);
        file
    }

    /// A folder that belongs to the server.
    pub fn folder(&self, name: &str) -> PathBuf {
        let folder = self.folder.path().join(name);
        fs::create_dir_all(&folder).unwrap();
        give_away(&folder);
        folder
    }

    pub fn port(&self) -> u16 {
        self.port
    }

    /// Connection string of a database.
    pub fn url(&self, database: &str) -> String {
        format!("postgresql://latchkey@127.0.0.1:{}/{database}", self.port)
    }

    /// Starts it and waits until it takes connections.
    pub fn run(&mut self) {
        let log =
            fs::OpenOptions::new().append(true).create(true).open(self.folder.path().join("log")).unwrap();
        let mut postgres = program("postgres");
        postgres.arg("-D").arg(self.data()).stdin(Stdio::null()).stdout(Stdio::null()).stderr(log);
        self.postmaster = Some(postgres.process_group(0).spawn().unwrap());
        self.eventually("takes connections", |server| server.try_ask("SELECT 1").is_ok());
    }

    /// SIGKILL for the first process and all that it started.
    pub fn kill(&mut self) {
        let Some(mut postmaster) = self.postmaster.take() else { return };
        signal(Pid::from_child(&postmaster), Signal::KILL);
        postmaster.wait().unwrap();
        let _ = fs::remove_file(self.data().join("postmaster.pid"));
    }

    /// Stops it as an administrator does who does not wait: connections are cut with 57P01.
    pub fn stop(&mut self) {
        let Some(mut postmaster) = self.postmaster.take() else { return };
        kill_process(Pid::from_child(&postmaster), Signal::INT).unwrap();
        postmaster.wait().unwrap();
    }

    /// SIGSTOP: connections stay and nobody answers.
    pub fn freeze(&self) {
        signal(self.running(), Signal::STOP);
    }

    /// SIGCONT.
    pub fn thaw(&self) {
        signal(self.running(), Signal::CONT);
    }

    fn running(&self) -> Pid {
        Pid::from_child(self.postmaster.as_ref().unwrap())
    }

    /// Makes a standby the primary; returns when it takes writes.
    pub fn promote(&self) {
        assert_eq!(self.ask("SELECT pg_promote(true, 30)"), "t");
    }

    /// The first value of an answer.
    pub fn ask(&self, sql: &str) -> String {
        self.ask_in("postgres", sql)
    }

    /// The first value of an answer in a database.
    pub fn ask_in(&self, database: &str, sql: &str) -> String {
        let answer = self.psql(database, sql);
        assert!(answer.status.success(), "{sql}: {}", String::from_utf8_lossy(&answer.stderr));
        String::from_utf8(answer.stdout).unwrap().trim_end().to_owned()
    }

    fn try_ask(&self, sql: &str) -> Result<Output, Output> {
        let answer = self.psql("postgres", sql);
        if answer.status.success() { Ok(answer) } else { Err(answer) }
    }

    fn psql(&self, database: &str, sql: &str) -> Output {
        let mut psql = program("psql");
        psql.env("PGCONNECT_TIMEOUT", "5").args(["-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1"]);
        psql.args(["-d", &self.url(database), "-c", sql]).output().unwrap()
    }

    /// Waits until something is so.
    pub fn eventually(&self, what: &str, is_so: impl Fn(&Self) -> bool) {
        let begun = Instant::now();
        while !is_so(self) {
            let said = || fs::read_to_string(self.folder.path().join("log")).unwrap_or_default();
            assert!(begun.elapsed() < NEVER, "PostgreSQL {what}: not within {NEVER:?}\n{}", said());
            thread::sleep(Duration::from_millis(20));
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.kill();
    }
}

fn give_away(path: &Path) {
    if let Some(User { uid, gid, .. }) = unprivileged() {
        chown(path, Some(uid), Some(gid)).unwrap();
    }
}

/// One of PostgreSQL's programs, as somebody whom it does not refuse.
pub fn program(name: &str) -> Command {
    let mut command = Command::new(programs().join(name));
    command.env_clear().env("PATH", "/usr/bin:/bin").env("LC_ALL", "C").env("TZ", "UTC").current_dir("/");
    if let Some(User { uid, gid, .. }) = unprivileged() {
        command.uid(uid.as_raw()).gid(gid.as_raw());
    }
    command
}

fn programs() -> PathBuf {
    let newest = fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    let newest =
        newest.map(|entry| entry.path().join("bin")).filter(|bin| bin.join("initdb").is_file()).max();
    newest.unwrap_or_else(|| {
        let said = Command::new("pg_config").arg("--bindir").output().expect("PostgreSQL's programs");
        String::from_utf8(said.stdout).unwrap().trim().into()
    })
}

#[track_caller]
fn done(command: &mut Command) {
    let output = command.output().unwrap();
    assert!(output.status.success(), "{command:?}: {}", String::from_utf8_lossy(&output.stderr));
}

/// A signal for a postmaster and its children, who each lead a group of their own.
pub fn signal(postmaster: Pid, signal: Signal) {
    for process in [postmaster].into_iter().chain(children(postmaster)) {
        // One that has ended meanwhile needs no signal.
        let _ = kill_process(process, signal);
    }
}

fn children(parent: Pid) -> Vec<Pid> {
    // pid (name) state parent …
    let parent_in = |stat: &str| stat.rsplit_once(") ")?.1.split(' ').nth(1)?.parse().ok();
    let processes = fs::read_dir("/proc").unwrap().flatten();
    let children = processes.filter_map(|entry| {
        let pid = entry.file_name().to_str()?.parse().ok()?;
        let stat = fs::read_to_string(entry.path().join("stat")).ok()?;
        (parent_in(&stat) == Some(parent.as_raw_nonzero().get())).then(|| Pid::from_raw(pid)).flatten()
    });
    children.collect()
}
