//! The way to PostgreSQL: its servers, the order in which they are tried, and for how long.

use std::{
    error::Error as _,
    path::PathBuf,
    str::FromStr as _,
    sync::atomic::{AtomicUsize, Ordering::Relaxed},
    time::Duration,
};

use futures_util::{StreamExt as _, stream::FuturesUnordered};
use percent_encoding::percent_decode_str;
use tokio::{
    task::JoinHandle,
    time::{sleep, timeout},
};
use tokio_postgres::{
    Client, Config,
    config::{Host, SslMode, TargetSessionAttrs},
};
use tokio_postgres_rustls::MakeRustlsConnect;

use super::{
    database_url::DatabaseUrl,
    tls::{self, TlsMode},
};

/// Between the tries of two servers: a frozen one takes connections and never answers.
const STAGGER: Duration = Duration::from_millis(250);
/// When a silent peer is asked whether it is there, how often, and when what was sent counts as lost; each only
/// where the connection string does not say.
const KEEPALIVE_IDLE: Duration = Duration::from_secs(30);
const KEEPALIVE_INTERVAL: Duration = Duration::from_secs(5);
const KEEPALIVE_RETRIES: u32 = 3;
const UNACKNOWLEDGED: Duration = Duration::from_secs(15);
/// What the driver has where nothing was said.
const DRIVERS_IDLE: Duration = Duration::from_hours(2);

/// Why a connection string can't be used. None of it holds the string: there is a password in it.
#[derive(Debug, thiserror::Error)]
pub enum RouteError {
    /// It can't be read.
    #[error("the connection string of the database can't be read: {0}")]
    Unreadable(String),
    /// A mode of TLS that there is not.
    #[error("sslmode {0:?} is not known: disable, prefer, require, verify-ca or verify-full")]
    UnknownMode(String),
    /// The operator's roots can't be used.
    #[error("the roots for the database in {0} can't be used: {1}")]
    Roots(PathBuf, String),
    /// TLS can't be set up.
    #[error("TLS to the database can't be set up: {0}")]
    Tls(String),
}

/// Why there is no connection.
#[derive(Debug, thiserror::Error)]
pub enum ConnectError {
    /// What each server had against it.
    #[error("{0}")]
    Refused(String),
    /// Nobody answered in time.
    #[error("no server of the database answered within {0:?}")]
    Silent(Duration),
}

/// The servers of one database, in the order of the connection string.
pub(super) struct Route {
    servers: Vec<Config>,
    tls: MakeRustlsConnect,
    /// The one that was good last: after a failover the others are not asked first each time.
    last: AtomicUsize,
    limit: Duration,
}

impl Route {
    /// Reads a connection string. `options` are start-up options for each session, `limit` is the time for one
    /// connection from name look-up to the first answer, over all servers.
    pub(super) fn to(url: &str, options: Option<&str>, limit: Duration) -> Result<Self, RouteError> {
        let (url, mode, roots) = without_tls(url)?;
        let unreadable = |cause: tokio_postgres::Error| RouteError::Unreadable(reasons(&cause));
        let whole = Config::from_str(&url).map_err(unreadable)?;
        let count = whole.get_hosts().len().max(whole.get_hostaddrs().len());
        if count == 0 || whole.get_ports().len() > 1 && whole.get_ports().len() != count {
            return Err(RouteError::Unreadable("hosts and ports don't fit together".to_owned()));
        }
        let mode = mode.unwrap_or(match whole.get_ssl_mode() {
            SslMode::Disable => TlsMode::Disable,
            SslMode::Require => TlsMode::Require,
            _ => TlsMode::Prefer,
        });
        let tls = tls::connector(mode, roots.as_deref())?;
        let servers = (0..count).map(|place| server(&whole, place, count, mode, options)).collect();
        Ok(Self { servers, tls, last: AtomicUsize::new(0), limit })
    }

    /// A connection to the first server that takes it, the one that was good last before the others.
    pub(super) async fn connect(&self) -> Result<(Client, JoinHandle<()>), ConnectError> {
        let (first, count) = (self.last.load(Relaxed), self.servers.len());
        let mut tries: FuturesUnordered<_> = (0..count)
            .map(|turn| async move {
                sleep(STAGGER * u32::try_from(turn).unwrap_or(u32::MAX)).await;
                let place = (first + turn) % count;
                (place, self.servers[place].connect(self.tls.clone()).await)
            })
            .collect();
        let any = async {
            let mut refusals = Vec::new();
            while let Some((place, outcome)) = tries.next().await {
                match outcome {
                    Ok(connected) => return Ok((place, connected)),
                    Err(error) => {
                        refusals.push(format!("{}: {}", self.name(place), advised(reasons(&error))))
                    }
                }
            }
            Err(ConnectError::Refused(refusals.join("; ")))
        };
        let (place, (client, connection)) =
            timeout(self.limit, any).await.map_err(|_| ConnectError::Silent(self.limit))??;
        self.last.store(place, Relaxed);
        let driver = tokio::spawn(async move {
            if let Err(error) = connection.await {
                tracing::info!(cause = reasons(&error), "a connection to the database has ended");
            }
        });
        Ok((client, driver))
    }

    fn name(&self, place: usize) -> String {
        let server = &self.servers[place];
        let port = server.get_ports().first().copied().unwrap_or(5432);
        match (server.get_hosts().first(), server.get_hostaddrs().first()) {
            (Some(Host::Tcp(name)), _) => format!("{name}:{port}"),
            (Some(Host::Unix(folder)), _) => folder.display().to_string(),
            (None, address) => address.map(|address| format!("{address}:{port}")).unwrap_or_default(),
        }
    }
}

/// One server of several: everything as it was said for all of them.
fn server(whole: &Config, place: usize, count: usize, mode: TlsMode, options: Option<&str>) -> Config {
    let mut one = Config::new();
    match whole.get_hosts().get(place) {
        Some(Host::Tcp(name)) => one.host(name),
        Some(Host::Unix(folder)) => one.host_path(folder),
        None => &mut one,
    };
    whole.get_hostaddrs().get(place).map(|address| one.hostaddr(*address));
    let ports = whole.get_ports();
    ports.get(place).or(ports.first()).map(|port| one.port(*port));
    whole.get_user().map(|user| one.user(user));
    whole.get_password().map(|password| one.password(password));
    whole.get_dbname().map(|name| one.dbname(name));
    let said = whole.get_options().unwrap_or_default();
    match options.filter(|_| !said.contains("statement_timeout")) {
        Some(more) => one.options(format!("{said} {more}").trim()),
        None if said.is_empty() => &mut one,
        None => one.options(said),
    };
    one.application_name(whole.get_application_name().unwrap_or("latchkey"));
    one.ssl_negotiation(whole.get_ssl_negotiation()).channel_binding(whole.get_channel_binding());
    // Nothing is encrypted on the way to a socket in a folder.
    let local = matches!(one.get_hosts(), [Host::Unix(_)]);
    one.ssl_mode(if local { SslMode::Disable } else { mode.for_the_driver() });
    whole.get_connect_timeout().map(|limit| one.connect_timeout(*limit));
    one.tcp_user_timeout(whole.get_tcp_user_timeout().copied().unwrap_or(UNACKNOWLEDGED));
    one.keepalives(whole.get_keepalives());
    let idle = whole.get_keepalives_idle();
    one.keepalives_idle(if idle == DRIVERS_IDLE { KEEPALIVE_IDLE } else { idle });
    one.keepalives_interval(whole.get_keepalives_interval().unwrap_or(KEEPALIVE_INTERVAL));
    one.keepalives_retries(whole.get_keepalives_retries().unwrap_or(KEEPALIVE_RETRIES));
    // latchkey writes: of several servers only the one that takes writes is of use.
    one.target_session_attrs(match (whole.get_target_session_attrs(), count) {
        (TargetSessionAttrs::Any, 2..) => TargetSessionAttrs::ReadWrite,
        (said, _) => said,
    });
    one
}

/// Takes `sslmode` and `sslrootcert` out of a connection string, a URL or words: the driver knows some of the one and
/// nothing of the other.
fn without_tls(url: &str) -> Result<(DatabaseUrl, Option<TlsMode>, Option<PathBuf>), RouteError> {
    let is_url = url.contains("://");
    let (base, pairs) = match url.split_once('?').filter(|_| is_url) {
        Some((base, query)) => (base, query.split('&')),
        None if is_url => return Ok((DatabaseUrl::of_pieces(&[url]), None, None)),
        None => ("", url.split(' ')),
    };
    let (mut mode, mut roots, mut others) = (None, None, Vec::new());
    for pair in pairs.filter(|pair| !pair.is_empty()) {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        let value = || percent_decode_str(value).decode_utf8_lossy().into_owned();
        match name {
            "sslmode" => mode = Some(value().parse()?),
            "sslrootcert" => roots = Some(PathBuf::from(value())),
            _ => others.push(pair),
        }
    }
    let rest = match (is_url, others.is_empty()) {
        (true, true) => DatabaseUrl::of_pieces(&[base]),
        (true, false) => DatabaseUrl::of_pieces(&[base, "?", &others.join("&")]),
        (false, _) => DatabaseUrl::from(others.join(" ")),
    };
    Ok((rest, mode, roots))
}

/// Poolers refuse options of a session.
fn advised(reasons: String) -> String {
    match reasons.contains("unsupported startup parameter") {
        true => format!("{reasons} (through a pooler set database.prepared_statements = false)"),
        false => reasons,
    }
}

/// An error with all that caused it, on one line.
pub(super) fn reasons(error: &tokio_postgres::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(reason) = cause {
        let reason_text = reason.to_string();
        if !text.contains(&reason_text) {
            text = format!("{text}: {reason_text}");
        }
        cause = reason.source();
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn route(url: &str) -> Route {
        Route::to(url, Some("-c statement_timeout=10000"), Duration::from_secs(1)).unwrap()
    }

    #[test]
    fn several_servers_are_each_asked_alone_and_must_take_writes() {
        let route = route("postgres://u:p%40@a:5433,b/db?connect_timeout=3");
        let names: Vec<_> = (0..2).map(|place| route.name(place)).collect();
        assert_eq!(names, ["a:5433", "b:5432"]);
        for server in &route.servers {
            assert_eq!(server.get_target_session_attrs(), TargetSessionAttrs::ReadWrite);
            assert_eq!((server.get_password(), server.get_dbname()), (Some(&b"p@"[..]), Some("db")));
            assert_eq!(server.get_connect_timeout(), Some(&Duration::from_secs(3)));
            assert_eq!(server.get_options(), Some("-c statement_timeout=10000"));
        }
    }

    #[test]
    fn what_the_string_says_about_time_outs_counts() {
        let said = route("postgres://a/db?keepalives_idle=7&options=-c%20statement_timeout%3D5");
        assert_eq!(said.servers[0].get_keepalives_idle(), Duration::from_secs(7));
        assert_eq!(said.servers[0].get_options(), Some("-c statement_timeout=5"));
        assert_eq!(said.servers[0].get_target_session_attrs(), TargetSessionAttrs::Any);
        let silent = route("host=a user=u sslmode=verify-full");
        assert_eq!(silent.servers[0].get_ssl_mode(), SslMode::Require);
        assert_eq!(silent.servers[0].get_keepalives_idle(), KEEPALIVE_IDLE);
        assert_eq!(silent.servers[0].get_tcp_user_timeout(), Some(&UNACKNOWLEDGED));
    }

    #[test]
    fn the_modes_of_tls_are_those_of_postgresqls_own_clients() {
        let modes = ["disable", "prefer", "require", "verify-ca", "verify-full"];
        let driver =
            [SslMode::Disable, SslMode::Prefer, SslMode::Require, SslMode::Require, SslMode::Require];
        for (mode, expected) in modes.into_iter().zip(driver) {
            let route = route(&format!("postgres://a/db?sslmode={mode}&application_name=x"));
            assert_eq!(route.servers[0].get_ssl_mode(), expected);
            assert_eq!(route.servers[0].get_application_name(), Some("x"));
        }
        let refusal = Route::to("postgres://u:secret@a/db?sslmode=sure", None, STAGGER).err().unwrap();
        assert!(!refusal.to_string().contains("secret") && refusal.to_string().contains("verify-full"));
    }

    #[test]
    fn a_socket_in_a_folder_has_no_tls() {
        let route = route("postgresql://latchkey:p@%2Frun%2Fpg:5432/latchkey?sslmode=verify-full");
        assert_eq!(route.servers[0].get_ssl_mode(), SslMode::Disable);
    }

    #[test]
    fn strings_and_roots_that_cannot_be_used_are_refused() {
        for url in [
            "postgres://a:1,b:2,c/db?nonsense=1",
            "not a string",
            "postgres://a/db?sslmode=verify-ca&sslrootcert=%2Fnone",
        ] {
            assert!(Route::to(url, None, STAGGER).is_err(), "{url}");
        }
    }
}
