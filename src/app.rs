//! The composition root: builds everything, once.

mod bootstrap;
mod dialects;
mod housekeeping;
mod letters;
mod look;
mod secrets;

use std::{net::SocketAddr, path::Path, sync::Arc, time::Duration};

use anyhow::Context as _;
use tokio::{net::TcpListener, sync::watch, task::JoinSet};

pub use bootstrap::{FirstAdministrator, first_administrator};
pub use dialects::{check_dialects, check_fixed_password, disclosures, mounted};
pub use housekeeping::keep_house;
pub use letters::try_letters;
pub use look::look;
pub use secrets::session_secrets;

use crate::{
    api::{secrets::Secrets, site::Site, table::RouteTable},
    config::Config,
    http,
    mail::{Courier, KeptLetters, Transport, TransportKind},
    ports::{Bell, Clock, Entropy, Hasher, Mailbox, OsEntropy, SystemClock},
    server,
    service::{Core, Services},
    store::Database,
};

/// What an application is built from; a test hands in its own.
pub struct Parts {
    /// Where accounts are stored, migrated already.
    pub database: Database,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// Chance.
    pub entropy: Arc<dyn Entropy>,
    /// Where letters go.
    pub transport: Transport,
    /// Where letters can be read, if they go into a folder.
    pub mailbox: Option<Arc<dyn Mailbox>>,
    /// The keys that sign sessions.
    pub secrets: Secrets,
    /// How people reach the server, without a slash at the end.
    pub public_url: String,
}

/// Everything, built.
pub struct App {
    /// What requests are answered with.
    pub site: Arc<Site>,
    /// What carries the letters.
    pub courier: Courier,
}

impl App {
    /// Puts the parts together.
    ///
    /// # Errors
    /// Settings that can't be used together.
    pub fn assemble(config: &Config, parts: Parts) -> anyhow::Result<Self> {
        let bell = Bell::default();
        let Parts { database, clock, entropy, transport, mailbox, secrets, public_url } = parts;
        let services = Services::new(Core {
            database: database.clone(),
            clock: clock.clone(),
            entropy: entropy.clone(),
            hasher: Hasher::start(config.hasher(), entropy.clone()),
            bell: bell.clone(),
            lifetimes: config.lifetimes(),
        });
        let renderer = letters::renderer(config, &public_url)?;
        let courier = Courier::new(database, clock.clone(), entropy.clone(), renderer, transport, bell)
            .at_pace(config.mail.pace());
        let dialects = dialects::choices(config, &public_url)?;
        let site = Site {
            services,
            table: RouteTable::compile(dialects::mounted(config))?,
            secrets,
            clock,
            entropy,
            public_url,
            instance: config.mail.instance.clone(),
            allowed_origins: config.browsers.allowed_origins.clone(),
            look: look(config)?,
            dialects,
            mailbox,
        };
        Ok(Self { site: Arc::new(site), courier })
    }

    /// Answers requests and carries letters until `stop` says so; what runs is finished within its deadline.
    pub async fn serve(self, listener: TcpListener, config: &Config, stop: watch::Receiver<bool>) {
        let routes = http::service(self.site.clone());
        let refuse: server::Refusal = {
            let site = self.site.clone();
            Arc::new(move |path, status| http::refuse(&site, path, status))
        };
        let mut courier = JoinSet::new();
        courier.spawn(self.courier.run(stop.clone()));
        server::serve(listener, routes, config.limits.clone(), refuse, stop).await;
        let finished = async { while courier.join_next().await.is_some() {} };
        if tokio::time::timeout(config.limits.drain_timeout, finished).await.is_err() {
            tracing::warn!(
                "a letter was being sent when the time to finish was over; it waits in the outbox"
            );
        }
    }
}

/// A listener and an application for production, ready to serve.
pub struct Ready {
    /// The application.
    pub app: App,
    /// Its socket.
    pub listener: TcpListener,
    /// Where the socket really is.
    pub address: SocketAddr,
    /// Where letters become files, if they do.
    pub mail_folder: Option<std::path::PathBuf>,
    /// The clock, to be corrected to the database's.
    pub clock: Arc<SystemClock>,
    /// The database.
    pub database: Database,
}

/// Builds the application that the configuration describes, on a migrated database.
///
/// # Errors
/// What of the world does not fit the configuration, and what to do about it.
pub async fn ready(config: &Config, url: &str, data: &Path) -> anyhow::Result<Ready> {
    let database = Database::open(url, &config.database)?;
    let clock = Arc::new(SystemClock::default());
    correct(&clock, &database).await;
    let listener = TcpListener::bind(&config.listen)
        .await
        .with_context(|| format!("{} can't be listened on", config.listen))?;
    let address = listener.local_addr()?;
    check_fixed_password(config, &[address])?;
    let folder = config.mail.directory.clone().unwrap_or_else(|| data.join("mail"));
    let kept = config.mail.transport == TransportKind::Directory;
    let mailbox =
        (kept && address.ip().is_loopback()).then(|| Arc::new(KeptLetters::at(&folder)) as Arc<dyn Mailbox>);
    let parts = Parts {
        database: database.clone(),
        clock: clock.clone(),
        entropy: Arc::new(OsEntropy),
        transport: Transport::open(&config.mail, &folder)?,
        mailbox,
        secrets: session_secrets(&config.session, data)?,
        public_url: public_url(config, address),
    };
    let app = App::assemble(config, parts)?;
    Ok(Ready { app, listener, address, mail_folder: kept.then_some(folder), clock, database })
}

fn public_url(config: &Config, address: SocketAddr) -> String {
    let own = match address.ip().is_unspecified() {
        true => format!("http://localhost:{}", address.port()),
        false => format!("http://{address}"),
    };
    let url = config.public_url.clone().unwrap_or(own);
    url.trim_end_matches('/').to_owned()
}

/// How often the machine's clock is compared with the database's.
const CORRECTION: Duration = Duration::from_secs(60);
/// Difference of the clocks that an operator should hear of (DESIGN section 2, times).
const SKEW: time::Duration = time::Duration::seconds(2);

/// Keeps the clock at the database's time, so that instances with wrong clocks agree.
pub async fn keep_correct(clock: Arc<SystemClock>, database: Database) {
    loop {
        tokio::time::sleep(CORRECTION).await;
        correct(&clock, &database).await;
    }
}

async fn correct(clock: &SystemClock, database: &Database) {
    if let Ok(time) = database.time().await {
        let skew = clock.correct(time);
        if skew.abs() > SKEW {
            tracing::warn!(
                seconds = skew.as_seconds_f64(),
                "this machine's clock differs from the database's"
            );
        }
    }
}

/// Whether the mail settings can be used.
///
/// # Errors
/// What of them can't.
pub fn check_mail(config: &Config, data: &Path) -> anyhow::Result<()> {
    Transport::open(&config.mail, &data.join("mail"))?;
    Ok(())
}
