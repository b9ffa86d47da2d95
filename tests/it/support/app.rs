//! The application under test.

use std::{net::SocketAddr, sync::Arc, time::Duration};

use latchkey::{
    api::secrets::Secrets,
    app::{App, Observatory, Parts},
    config::Config,
    domain::{ClientId, EmailAddress, Username},
    http,
    mail::{Courier, Memory, Transport},
    ports::{Entropy, ManualClock, OsEntropy},
    server::{self, Entrance, TrustedProxies},
    service::Newcomer,
    store::Database,
};
use serde_json::json;
use time::macros::datetime;
use tokio::{net::TcpListener, sync::watch};
use zeroize::Zeroizing;

use super::{
    Client, Letters,
    postgres::{database_url, forbid_connections, settings, take_writes},
    watcher,
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
    /// What those are shown who watch.
    pub observatory: Observatory,
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
        watcher().guard(PASSWORD);
        let mut config = Config { database: settings(), ..Config::default() };
        config.password.cost = 4;
        config.session.secrets = vec!["a secret for tests only".to_owned().into()];
        change(&mut config);
        let clock = Arc::new(ManualClock::at(datetime!(2026-11-21 12:00 UTC)));
        let (database, post) = (Database::open(&url, &config.database).unwrap(), Memory::new());
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let keys = config.session.secrets.iter().map(|key| Zeroizing::new(key.reveal().as_bytes().to_vec()));
        let parts = Parts {
            database: database.clone(),
            clock: clock.clone(),
            entropy,
            transport: Transport::Memory(post.clone()),
            mailbox: None,
            secrets: Secrets::new(keys.collect()).unwrap(),
            public_url: config.public_url.clone().unwrap_or_else(|| format!("http://{address}")),
        };
        let App { site, courier, observatory } = App::assemble(&config, parts).unwrap();
        let (stop, stopped) = watch::channel(false);
        let (routes, at) = (http::service(site.clone()), site.clone());
        let refuse: server::Refusal = Arc::new(move |path, status| http::refuse(&at, path, status));
        let proxies = TrustedProxies::new(config.trusted_proxies.clone(), config.forwarded_header);
        let entrance = Entrance::from(listener).behind(proxies);
        tokio::spawn(server::serve(entrance, routes, config.limits, refuse, stopped));
        Self { clock, database, url, address, courier, post, site, observatory, _stop: stop }
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
        let secret = added.unwrap().reveal().to_owned();
        watcher().guard(&secret);
        secret
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

    /// A client with a live session of `root`, who may do everything.
    pub async fn administrator(&self) -> Client {
        self.signed_in(with_role("root", "admin")).await
    }

    /// Delivers all letters that are due, and returns all that arrived since the last time.
    pub async fn deliver(&self) -> Letters {
        self.courier.deliver_due().await.unwrap();
        Letters::of(self.post.take())
    }

    /// The key of the one letter that a Traffic Ops reset of this address brings.
    pub async fn mailed_key(&self, email: &str) -> String {
        let asked = self.anonymous().post("user/reset_password", json!({ "email": email })).await;
        asked.says(&format!("Successfully sent password reset to email '{email}'"));
        self.deliver().await.only_letter_to(email).reset_key()
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

    /// Makes the database take no writes, or take them again.
    pub async fn let_database_take_writes(&self, writes: bool) {
        take_writes(&self.url, writes).await;
    }

    /// Runs statements.
    pub async fn sql(&self, statements: &str) {
        self.database.client().await.unwrap().batch_execute(statements).await.unwrap();
    }

    /// Gives everybody the role `disallowed`, behind the back of whatever ends their sessions then.
    pub async fn disallows_everybody(&self) {
        self.sql("UPDATE tm_user SET role = (SELECT id FROM role WHERE name = 'disallowed')").await;
    }

    /// Fails the test when a row of any table has one of these texts in it.
    pub async fn stores_none_of(&self, secrets: &[&str]) {
        let tables = "SELECT format('%I.%I', schemaname, tablename) FROM pg_tables \
                      WHERE schemaname IN ('public', 'latchkey')";
        let client = self.database.client().await.unwrap();
        for table in client.query(tables, &[]).await.unwrap().iter().map(|row| row.get::<_, String>(0)) {
            for row in client.query(&format!("SELECT t::text FROM {table} t"), &[]).await.unwrap() {
                let text: String = row.get(0);
                assert!(secrets.iter().all(|secret| !text.contains(secret)), "{table}: {text}");
            }
        }
    }

    /// The first column of the one row that a query returns.
    pub async fn number(&self, query: &str) -> i64 {
        self.database.client().await.unwrap().query_one(query, &[]).await.unwrap().get(0)
    }
}

impl Drop for TestApp {
    fn drop(&mut self) {
        watcher().is_content();
    }
}

/// For stories about something else, in which much fails or many letters are asked for.
pub fn unthrottled(config: &mut Config) {
    config.throttle.enabled = false;
}

/// An account called `name`, with the address `<name>@example.test`, that may read.
pub fn account(name: &str) -> Newcomer {
    Newcomer {
        username: Username::parse(name).unwrap(),
        email: Some(EmailAddress::parse(&format!("{name}@example.test")).unwrap()),
        full_name: Some(format!("{name} of the tests")),
        password: Some(PASSWORD.to_owned().into()),
        role: "read-only".to_owned(),
        tenant: "root".to_owned(),
    }
}

/// The same with another role.
pub fn with_role(name: &str, role: &str) -> Newcomer {
    Newcomer { role: role.to_owned(), ..account(name) }
}
