//! The way in, as the configuration describes it: listeners, the certificate, the proxies that are believed.

use std::{
    net::IpAddr,
    sync::{
        Arc,
        mpsc::{RecvTimeoutError, Sender, channel},
    },
    thread,
    time::Duration,
};

use anyhow::Context as _;
use time::OffsetDateTime;
use tokio::sync::oneshot;

use crate::{
    config::{Address, Config},
    ports::Clock,
    server::{Certificates, Entrance, Place, TrustedProxies},
};

/// How often the certificate's files are looked at.
const LOOK_EVERY: Duration = Duration::from_secs(5);
/// How long before its end, and how often, the log reminds of a certificate.
const REMIND_BEFORE: time::Duration = time::Duration::days(14);
const REMIND_EVERY: time::Duration = time::Duration::days(1);

/// Reads the certificate, if one is configured.
///
/// # Errors
/// What of the settings or the files can't be used.
pub fn certificates(config: &Config, now: OffsetDateTime) -> anyhow::Result<Option<Arc<Certificates>>> {
    let Some((certificate, key)) = config.tls.pair()? else { return Ok(None) };
    Ok(Some(Certificates::load(certificate, key, now).context("TLS can't be offered")?))
}

/// Binds all listeners.
pub(super) async fn open(
    config: &Config,
    certificates: Option<Arc<Certificates>>,
) -> anyhow::Result<Entrance> {
    let proxies = TrustedProxies::new(config.trusted_proxies.clone(), config.forwarded_header);
    let entrance = Entrance::open(&config.listen, config.socket_mode, certificates).await?;
    Ok(entrance.behind(proxies))
}

/// How people reach the server, without a slash at the end: as the operator says, else by the first port that is open, or
/// by the first that the settings name where none is known to be.
pub(super) fn public_url(config: &Config, places: &[Place]) -> String {
    if let Some(url) = &config.public_url {
        return url.trim_end_matches('/').to_owned();
    }
    let open = places.iter().find_map(|place| Some((place.address?.to_string(), place.tls)));
    let Some((port, tls)) = open.or_else(|| first_port(config)) else { return "http://localhost".to_owned() };
    let scheme = if tls { "https" } else { "http" };
    match port.strip_prefix("0.0.0.0:").or_else(|| port.strip_prefix("[::]:")) {
        Some(number) => format!("{scheme}://localhost:{number}"),
        None => format!("{scheme}://{port}"),
    }
}

/// The first port of the settings, and whether it speaks TLS.
fn first_port(config: &Config) -> Option<(String, bool)> {
    config.listen.0.iter().find_map(|address| match address {
        Address::Port(place) => Some((place.clone(), config.tls.certificate.is_some())),
        Address::PlainPort(place) => Some((place.clone(), false)),
        Address::Unix(_) | Address::HandedOver => None,
    })
}

/// Whether people are to reach this server by another name than this machine's own.
pub(super) fn is_known_elsewhere(config: &Config) -> bool {
    let named = config.public_url.as_deref().and_then(|url| url.parse::<http::Uri>().ok());
    !is_this_machine(named.as_ref().and_then(http::Uri::host).unwrap_or("localhost"))
}

/// Whether the host of an address or a URL is this machine itself, which nobody else can reach by that name.
pub(super) fn is_this_machine(host: &str) -> bool {
    host == "localhost" || host.trim_matches(['[', ']']).parse().is_ok_and(|ip: IpAddr| ip.is_loopback())
}

/// Asks for the certificate to be read again.
pub struct CertificateWatch(Sender<oneshot::Sender<()>>);

impl CertificateWatch {
    /// Looks after the certificate from now on: on a thread of its own, for a disk that hangs must hold up nobody.
    ///
    /// # Errors
    /// No thread can be started.
    pub fn start(certificates: Arc<Certificates>, clock: Arc<dyn Clock>) -> std::io::Result<Self> {
        let (ask, asked) = channel::<oneshot::Sender<()>>();
        let mut reminded = None;
        thread::Builder::new().name("certificates".to_owned()).spawn(move || {
            loop {
                remind(&certificates, clock.now(), &mut reminded);
                match asked.recv_timeout(LOOK_EVERY) {
                    Ok(done) => {
                        report(&certificates, certificates.reload(clock.now()).map(|()| true));
                        // Who asked may have gone.
                        let _ = done.send(());
                    }
                    Err(RecvTimeoutError::Timeout) => {
                        report(&certificates, certificates.refresh(clock.now()));
                    }
                    Err(RecvTimeoutError::Disconnected) => return,
                }
            }
        })?;
        Ok(Self(ask))
    }

    /// Reads the files now; returns when that is done, well or not.
    pub async fn reload(&self) {
        let (done, over) = oneshot::channel();
        if self.0.send(done).is_ok() {
            let _ = over.await;
        }
    }
}

fn report(certificates: &Certificates, changed: Result<bool, crate::server::CertificateError>) {
    match changed {
        Ok(false) => {}
        Ok(true) => tracing::info!(until = %certificates.until(), "the certificate was read again"),
        Err(error) => tracing::error!(%error, "the new certificate can't be used: the former one stays"),
    }
}

fn remind(certificates: &Certificates, now: OffsetDateTime, reminded: &mut Option<OffsetDateTime>) {
    let until = certificates.until();
    if until - now < REMIND_BEFORE && reminded.is_none_or(|at| now - at >= REMIND_EVERY) {
        *reminded = Some(now);
        tracing::warn!(%until, file = %certificates.file().display(), "the certificate ends soon: renew it");
    }
}
