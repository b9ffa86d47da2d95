//! The composition root: builds everything, once.

mod bootstrap;
mod check;
mod clock;
mod dialects;
mod entrance;
mod hardening;
mod housekeeping;
mod letters;
mod links;
mod look;
mod metrics;
mod observe;
mod secrets;

use std::{fs, path::Path, sync::Arc};

use anyhow::Context as _;
use tokio::{net::TcpListener, sync::watch, task::JoinSet};

pub use bootstrap::{FirstAdministrator, first_administrator};
pub use check::{Finding, Verdict, check_database, check_surroundings};
pub use clock::keep_correct;
pub use dialects::{check_dialects, check_fixed_password, disclosures, mounted};
pub use entrance::{CertificateWatch, certificates};
pub use hardening::keep_memory_private;
pub use housekeeping::keep_house;
pub use letters::{relays, try_letters};
pub use links::handed_over;
pub use look::look;
pub use observe::Observatory;
pub use secrets::{Rotation, reload_secrets, rotate, session_secrets};

use crate::{
    api::{
        secrets::{Keyring, Secrets},
        site::Site,
        table::RouteTable,
    },
    config::Config,
    domain::RefusedWords,
    http,
    mail::{Courier, KeptLetters, Transport, TransportKind},
    ports::{Bell, Clock, Counters, Entropy, Hasher, Mailbox, OsEntropy, SystemClock},
    server::{self, Certificates, Entrance, Place},
    service::{Core, Services, Throttle},
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
    /// What those are shown who watch.
    pub observatory: Observatory,
}

impl App {
    /// Puts the parts together.
    ///
    /// # Errors
    /// Settings that can't be used together.
    pub fn assemble(config: &Config, parts: Parts) -> anyhow::Result<Self> {
        let bell = Bell::default();
        let Parts { database, clock, entropy, transport, mailbox, secrets, public_url } = parts;
        let hasher = Hasher::start(config.hasher(), clock.clone(), entropy.clone());
        let (counters, refused_words) = (Counters::default(), refused_words(config)?);
        let services = Services::new(Core {
            database: database.clone(),
            clock: clock.clone(),
            entropy: entropy.clone(),
            hasher: hasher.clone(),
            bell: bell.clone(),
            counters: counters.clone(),
            lifetimes: config.lifetimes(),
            throttle: Throttle::new(config.throttle.clone(), counters.clone()),
            refused_words: refused_words.clone(),
            new_device: config.notices.new_device,
        });
        let renderer = letters::renderer(config, &public_url)?;
        let courier =
            Courier::new(database.clone(), clock.clone(), entropy.clone(), renderer, transport, bell)
                .at_pace(letters::pace(config));
        let dialects = dialects::choices(config, &public_url)?;
        let site = Site {
            services,
            table: RouteTable::compile(dialects::mounted(config))?,
            secrets: Keyring::new(secrets),
            clock,
            entropy,
            public_url,
            instance: config.mail.instance.clone(),
            refused_words,
            allowed_origins: config.browsers.allowed_origins.clone(),
            strict_transport: config.browsers.strict_transport(),
            look: look(config)?,
            dialects,
            mailbox,
        };
        let site = Arc::new(site);
        let observatory = Observatory { site: site.clone(), database, hasher, counters };
        Ok(Self { site, courier, observatory })
    }

    /// Answers requests and carries letters until `stop` says so; what runs is finished within its deadline.
    pub async fn serve(self, entrance: Entrance, config: &Config, stop: watch::Receiver<bool>) {
        let routes = http::service(self.site.clone());
        let refuse: server::Refusal = {
            let site = self.site.clone();
            Arc::new(move |path, status| http::refuse(&site, path, status))
        };
        let (readiness, leaving) = (self.site.services.readiness.clone(), stop.clone());
        tokio::spawn(observe::leave(readiness, leaving));
        let mut courier = JoinSet::new();
        courier.spawn(self.courier.run(stop.clone()));
        let entrance = entrance.counted(self.observatory.counters.clone());
        server::serve(entrance, routes, config.limits.clone(), refuse, stop).await;
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
    /// Its sockets.
    pub entrance: Entrance,
    /// Where they really are.
    pub places: Vec<Place>,
    /// The certificate, if one is configured.
    pub certificates: Option<Arc<Certificates>>,
    /// The socket of those who watch, if there is one.
    pub watchers: Option<TcpListener>,
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
    clock::correct(&clock, &database).await;
    let certificates = certificates(config, clock.now())?;
    let entrance = entrance::open(config, certificates.clone()).await?;
    let places = entrance.places()?;
    let ports: Vec<_> = places.iter().filter_map(|place| place.address).collect();
    let watchers = observe::listener(&config.observe).await?;
    check_fixed_password(config, &ports)?;
    let folder = config.mail.directory.clone().unwrap_or_else(|| data.join("mail"));
    let kept = config.mail.transport == TransportKind::Directory;
    // Behind a proxy whoever is on this machine may be anybody.
    let private = !ports.is_empty() && ports.iter().all(|port| port.ip().is_loopback());
    let private = private && config.trusted_proxies.is_empty() && !entrance::is_known_elsewhere(config);
    let mailbox = (kept && private).then(|| Arc::new(KeptLetters::at(&folder)) as Arc<dyn Mailbox>);
    let parts = Parts {
        database: database.clone(),
        clock: clock.clone(),
        entropy: Arc::new(OsEntropy),
        transport: Transport::open(&config.mail, &folder).context("letters can't leave")?,
        mailbox,
        secrets: session_secrets(&config.session, data)?,
        public_url: entrance::public_url(config, &places),
    };
    let app = App::assemble(config, parts)?;
    let mail_folder = kept.then_some(folder);
    Ok(Ready { app, entrance, places, certificates, watchers, mail_folder, clock, database })
}

/// What nobody's password may be: the instance's name, and what the operator lists.
///
/// # Errors
/// The operator's list can't be read.
pub fn refused_words(config: &Config) -> anyhow::Result<RefusedWords> {
    let listed = match &config.password.refused_file {
        Some(file) => fs::read_to_string(file)
            .with_context(|| format!("the list of refused passwords, {}, can't be read", file.display()))?,
        None => String::new(),
    };
    Ok(RefusedWords::of(listed.lines().chain([config.mail.instance.as_str()])))
}
