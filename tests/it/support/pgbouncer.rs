//! PgBouncer in transaction mode before a PostgreSQL, for runs that go through it.

use std::{
    fs,
    os::unix::{fs::PermissionsExt as _, net::UnixStream, process::CommandExt as _},
    path::PathBuf,
    process::{Child, Command, Stdio},
    sync::LazyLock,
    thread,
    time::{Duration, Instant},
};

use nix::unistd::{Uid, User, chown};
use tokio_postgres::config::Host;

/// One PgBouncer for all tests of this run.
static BOUNCER: LazyLock<PgBouncer> = LazyLock::new(PgBouncer::start);

/// A PgBouncer that hands each transaction to any of its servers.
pub struct PgBouncer {
    folder: PathBuf,
    _process: Child,
}

const PORT: u16 = 6432;

impl PgBouncer {
    /// Whether there is one on this machine.
    pub fn is_installed() -> bool {
        program().is_some()
    }

    /// Connection string of a database of the server that all tests share.
    pub fn url(name: &str) -> String {
        let folder = BOUNCER.folder.to_str().unwrap().replace('/', "%2F");
        format!("postgresql://latchkey@{folder}:{PORT}/{name}")
    }

    fn start() -> Self {
        // Beside the folder that goes when the run is over.
        let folder = std::env::temp_dir().join(format!("latchkey-tests-{}/pgbouncer", std::process::id()));
        fs::create_dir_all(&folder).unwrap();
        fs::set_permissions(&folder, fs::Permissions::from_mode(0o755)).unwrap();
        let file = folder.join("pgbouncer.ini");
        fs::write(&file, configuration(&folder)).unwrap();
        let mut command = Command::new(program().expect("PgBouncer (tools/ensure pgbouncer)"));
        if let Some(owner) = unprivileged() {
            chown(&folder, Some(owner.uid), Some(owner.gid)).unwrap();
            chown(&file, Some(owner.uid), Some(owner.gid)).unwrap();
            command.uid(owner.uid.as_raw()).gid(owner.gid.as_raw());
        }
        command.arg("--quiet").arg(&file).current_dir("/").stdin(Stdio::null());
        command.stdout(Stdio::null()).stderr(Stdio::null());
        let process = command.spawn().unwrap();
        let socket = folder.join(format!(".s.PGSQL.{PORT}"));
        let begun = Instant::now();
        while UnixStream::connect(&socket).is_err() {
            let said = || fs::read_to_string(folder.join("log")).unwrap_or_default();
            assert!(begun.elapsed() < Duration::from_secs(30), "PgBouncer does not start: {}", said());
            thread::sleep(Duration::from_millis(5));
        }
        end_with_us(process.id());
        Self { folder, _process: process }
    }
}

/// PgBouncer, if it is installed; Debian's folder for it is in root's path only.
fn program() -> Option<&'static str> {
    let works = |name: &&str| Command::new(name).arg("--version").output().is_ok();
    ["pgbouncer", "/usr/sbin/pgbouncer"].into_iter().find(works)
}

/// What is not the default is what latchkey's documentation asks for, and what hundreds of short databases need.
fn configuration(folder: &std::path::Path) -> String {
    let url = super::postgres::direct_url("latchkey");
    let server: tokio_postgres::Config = url.parse().unwrap();
    let [Host::Unix(socket)] = server.get_hosts() else { panic!("a socket") };
    let password = String::from_utf8(server.get_password().unwrap().to_vec()).unwrap();
    let folder = folder.display();
    format!(
        "[databases]\n* = host={} port={} user=latchkey password={password}\n\
         [pgbouncer]\npool_mode = transaction\nauth_type = any\nlisten_port = {PORT}\nunix_socket_dir = {folder}\n\
         logfile = {folder}/log\nmax_client_conn = 3000\ndefault_pool_size = 6\nquery_wait_timeout = 3\n\
         server_idle_timeout = 5\nserver_login_retry = 1\n",
        socket.display(),
        server.get_ports()[0]
    )
}

/// Whom programs run as that refuse root; `None` when we are not root.
pub fn unprivileged() -> Option<User> {
    let named = |name| User::from_name(name).ok().flatten();
    Uid::effective()
        .is_root()
        .then(|| named("postgres").or_else(|| named("nobody")).expect("a user beside root"))
}

/// A value in a static is never dropped: a shell waits for us and ends what we leave behind.
fn end_with_us(pid: u32) {
    let wait =
        format!("while kill -0 {} 2>/dev/null; do sleep 1; done; kill {pid} 2>/dev/null", std::process::id());
    let mut shell = Command::new("sh");
    shell.args(["-c", &wait]).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    // It outlives us: there is nobody to wait for it.
    #[expect(clippy::zombie_processes, reason = "it ends after this process")]
    let _ = shell.process_group(0).spawn().unwrap();
}
