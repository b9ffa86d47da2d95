//! The application under test.

use std::{net::SocketAddr, sync::Arc, time::Duration};

use latchkey::{
    api::secrets::Secrets,
    app::{App, Parts},
    config::Config,
    domain::{ClientId, EmailAddress, Username},
    http,
    mail::{Courier, Memory, Transport},
    ports::{Entropy, ManualClock, OsEntropy},
    server,
    service::Newcomer,
    store::Database,
};
use time::macros::datetime;
use tokio::{net::TcpListener, sync::watch};
use zeroize::Zeroizing;

use super::{
    Client, Letters,
    postgres::{database_url, forbid_connections, open},
};

/// The password of every account that a test makes.
pub const PASSWORD: &str = "correct horse battery staple";

/// latchkey on a port of its own, with a database of its own.
pub struct TestApp {
    /// Moved by hand.
    pub clock: Arc<ManualClock>,
    /// For what no request shows.
    pub database: Database,
    /// Connection string of that database, for a second instance.
    pub url: String,
    address: SocketAddr,
    courier: Courier,
    post: Memory,
    site: Arc<latchkey::api::site::Site>,
    _stop: watch::Sender<bool>,
}

impl TestApp {
    /// With the settings of production, but cheap hashes.
    pub async fn start() -> Self {
        Self::with(|_| {}).await
    }

    /// With other settings.
    pub async fn with(change: impl FnOnce(&mut Config)) -> Self {
        Self::on(database_url().await, change).await
    }

    /// On a database that is there already, as a second instance.
    pub async fn on(url: String, change: impl FnOnce(&mut Config)) -> Self {
        Self::drawing(Arc::new(OsEntropy), url, change).await
    }

    /// With another source of chance.
    pub async fn drawing(entropy: Arc<dyn Entropy>, url: String, change: impl FnOnce(&mut Config)) -> Self {
        let mut config = Config::default();
        config.password.cost = 4;
        config.session.secrets = vec!["a secret for tests only".to_owned().into()];
        change(&mut config);
        let clock = Arc::new(ManualClock::at(datetime!(2026-11-21 12:00 UTC)));
        let (database, post) = (open(&url), Memory::new());
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let keys = config.session.secrets.iter().map(|key| Zeroizing::new(key.0.as_bytes().to_vec()));
        let parts = Parts {
            database: database.clone(),
            clock: clock.clone(),
            entropy,
            transport: Transport::Memory(post.clone()),
            mailbox: None,
            secrets: Secrets::new(keys.collect()).unwrap(),
            public_url: config.public_url.clone().unwrap_or_else(|| format!("http://{address}")),
        };
        let App { site, courier } = App::assemble(&config, parts).unwrap();
        let (stop, stopped) = watch::channel(false);
        let (routes, at) = (http::service(site.clone()), site.clone());
        let refuse: server::Refusal = Arc::new(move |path, status| http::refuse(&at, path, status));
        tokio::spawn(server::serve(listener, routes, config.limits, refuse, stopped));
        Self { clock, database, url, address, courier, post, site, _stop: stop }
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Makes an account, with [`PASSWORD`], and a client for it that is not signed in yet.
    pub async fn has(&self, newcomer: Newcomer) -> Client {
        let username = newcomer.username.to_string();
        self.site.services.administration.add(newcomer).await.unwrap();
        Client::new(self.address, Some(username))
    }

    /// Makes a client program known and returns its secret.
    pub async fn knows(&self, id: &str) -> String {
        let added = self.site.services.clients.add(ClientId::parse(id).unwrap(), id.to_owned()).await;
        added.unwrap().reveal().to_owned()
    }

    /// Somebody without an account.
    pub fn anonymous(&self) -> Client {
        Client::new(self.address, None)
    }

    /// A client with a live session of an account that was made just now.
    pub async fn signed_in(&self, newcomer: Newcomer) -> Client {
        let mut client = self.has(newcomer).await;
        client.sign_in(PASSWORD).await;
        client
    }

    /// Delivers all letters that are due, and returns all that arrived since the last time.
    pub async fn deliver(&self) -> Letters {
        self.courier.deliver_due().await.unwrap();
        Letters::of(self.post.take())
    }

    /// The installation, for what no request reaches.
    pub fn site(&self) -> &latchkey::api::site::Site {
        &self.site
    }

    /// Moves the clock.
    pub fn after(&self, minutes: u64) {
        self.clock.advance(Duration::from_secs(60 * minutes));
    }

    /// Takes the database away: connections are cut and none is let in.
    pub async fn lose_database(&self) {
        forbid_connections(&self.url).await;
    }

    /// Runs statements.
    pub async fn sql(&self, statements: &str) {
        self.database.client().await.unwrap().batch_execute(statements).await.unwrap();
    }

    /// The first column of the one row that a query returns.
    pub async fn number(&self, query: &str) -> i64 {
        self.database.client().await.unwrap().query_one(query, &[]).await.unwrap().get(0)
    }
}

/// An account called `name`, with the address `<name>@example.test`, that may read.
pub fn account(name: &str) -> Newcomer {
    Newcomer {
        username: Username::parse(name).unwrap(),
        email: Some(EmailAddress::parse(&format!("{name}@example.test")).unwrap()),
        full_name: Some(format!("{name} of the tests")),
        password: Some(PASSWORD.to_owned()),
        role: "read-only".to_owned(),
        tenant: "root".to_owned(),
    }
}
