//! One PostgreSQL for all tests of this run, and a database for each, cloned from a migrated template.

use std::{
    sync::{LazyLock, mpsc},
    thread,
    time::Duration,
};

use latchkey::store::{
    Database, DatabaseSettings,
    embedded::{PrivateServer, Settings},
    migrate,
};
use tokio::{sync::Mutex, time::timeout};
use tokio_postgres::NoTls;

/// Where the server is; the path of the URL is the database's name.
static SERVER: LazyLock<String> = LazyLock::new(|| {
    let (tell, told) = mpsc::channel();
    // PostgreSQL dies with the thread that started it, so that thread stays until the run is over.
    thread::spawn(move || {
        remove_leftovers();
        let folder = std::env::temp_dir().join(format!("{PREFIX}{}", std::process::id()));
        let settings = Settings { durable: false, max_connections: 400, makes_databases: true };
        let server = PrivateServer::serve_with(&folder, &settings).expect("a private PostgreSQL");
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(migrate::run(&server.url())).expect("the template is migrated");
        tell.send(server.url()).unwrap();
        loop {
            thread::park();
        }
    });
    told.recv().expect("PostgreSQL starts")
});

const PREFIX: &str = "latchkey-tests-";

/// A value in a static is never dropped, so each run clears up after the ones before it.
fn remove_leftovers() {
    for entry in std::fs::read_dir(std::env::temp_dir()).into_iter().flatten().flatten() {
        let name = entry.file_name();
        let process =
            name.to_str().and_then(|name| name.strip_prefix(PREFIX)).and_then(|pid| pid.parse().ok());
        let process = process.and_then(rustix::process::Pid::from_raw);
        if process.is_some_and(|pid| rustix::process::test_kill_process(pid).is_err()) {
            let _ = std::fs::remove_dir_all(entry.path());
        }
    }
}

/// Clones wait for each other: PostgreSQL copies a template for one at a time.
static CLONING: Mutex<u32> = Mutex::const_new(0);

/// Connection string of a migrated database of one's own.
pub async fn database_url() -> String {
    let template = SERVER.as_str();
    let mut clones = CLONING.lock().await;
    *clones += 1;
    let name = format!("test_{clones}");
    from_beside(template, &format!("CREATE DATABASE {name} TEMPLATE latchkey")).await;
    match through_pgbouncer() {
        true => super::pgbouncer::PgBouncer::url(&name),
        false => direct_url(&name),
    }
}

/// Whether the whole run goes through PgBouncer: `make test-pgbouncer`.
pub fn through_pgbouncer() -> bool {
    std::env::var_os("LATCHKEY_TEST_PGBOUNCER").is_some()
}

/// Connection string of a database of the server that all tests share, without anything in between.
pub fn direct_url(name: &str) -> String {
    let (server, _) = SERVER.rsplit_once('/').unwrap();
    format!("{server}/{name}")
}

/// Connection string of a database of one's own with nothing in it.
pub async fn empty_database_url() -> String {
    let mut clones = CLONING.lock().await;
    *clones += 1;
    let name = format!("empty_{clones}");
    from_beside(&SERVER, &format!("CREATE DATABASE {name} TEMPLATE template0")).await;
    direct_url(&name)
}

/// Cuts all connections to a database and lets none in.
pub async fn forbid_connections(url: &str) {
    let (_, name) = url.rsplit_once('/').unwrap();
    from_beside(&SERVER, &format!("ALTER DATABASE {name} ALLOW_CONNECTIONS false")).await;
    let cut = format!("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'");
    from_beside(&SERVER, &cut).await;
}

/// Makes a database take no writes from now on, or take them again; connections begin anew.
pub async fn take_writes(url: &str, writes: bool) {
    let (_, name) = url.rsplit_once('/').unwrap();
    from_beside(url, &format!("ALTER DATABASE {name} SET default_transaction_read_only = {}", !writes)).await;
    let cut = format!("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'");
    from_beside(url, &cut).await;
}

/// Returns when a connection to this database waits for what another one holds.
pub async fn somebody_waits_for_a_lock(database: &Database) {
    const WAITING: &str = "SELECT count(*) FROM pg_stat_activity \
         WHERE datname = current_database() AND wait_event_type = 'Lock'";
    let client = database.client().await.unwrap();
    let waits = async {
        while client.query_one(WAITING, &[]).await.unwrap().get::<_, i64>(0) == 0 {
            tokio::task::yield_now().await;
        }
    };
    timeout(Duration::from_secs(60), waits).await.expect("nobody waits for a lock");
}

/// Runs a statement in another database of the same server.
async fn from_beside(url: &str, statement: &str) {
    let (server, _) = url.rsplit_once('/').unwrap();
    let beside = format!("{server}/postgres");
    let (client, connection) = tokio_postgres::connect(&beside, NoTls).await.expect("PostgreSQL answers");
    let driver = tokio::spawn(connection);
    client.batch_execute(statement).await.unwrap();
    drop(client);
    driver.await.unwrap().unwrap();
}

/// A migrated database of one's own.
pub async fn database() -> Database {
    open(&database_url().await)
}

/// A pool on a database.
pub fn open(url: &str) -> Database {
    Database::open(url, &settings()).unwrap()
}

/// How tests use a database: few connections, and what PgBouncer allows if it is in between.
pub fn settings() -> DatabaseSettings {
    let prepared_statements = !through_pgbouncer();
    DatabaseSettings { connections: 4, prepared_statements, ..DatabaseSettings::default() }
}
