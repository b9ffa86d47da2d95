//! `latchkey serve` and `latchkey migrate`.

use std::time::Instant;

use tokio::{net::TcpListener, task::AbortHandle};

use super::{
    block_on,
    ground::Ground,
    log,
    print::say,
    signals::{self, Reloaded},
};
use crate::{
    app::{self, CertificateWatch, Ready},
    config::Config,
    domain::EmailAddress,
};

/// Answers requests until SIGTERM or SIGINT.
pub(super) fn run(config: &Config) -> anyhow::Result<()> {
    log::start(&config.log)?;
    app::keep_memory_private();
    let begun = Instant::now();
    let ground = Ground::for_serving(config)?;
    block_on(serve(config, &ground, begun))?;
    ground.leave()
}

async fn serve(config: &Config, ground: &Ground, begun: Instant) -> anyhow::Result<()> {
    let steps = ground.migrate().await?;
    let ready = app::ready(config, &ground.url, &ground.data).await?;
    let first = app::first_administrator(&ready.app.site.services.administration).await?;
    let stop = signals::stop_signal()?;
    let certificates = ready.certificates.clone();
    let certificates =
        certificates.map(|kept| CertificateWatch::start(kept, ready.clock.clone())).transpose()?;
    let (site, session, data) = (ready.app.site.clone(), config.session.clone(), ground.data.clone());
    let reload = signals::reload_at_hangup(Reloaded { certificates, site, session, data })?;
    ground.notices.iter().for_each(|notice| say!("{notice}"));
    match &first {
        Some(first) => introduce(first, config),
        None if steps.is_empty() => {}
        None => say!("The schema of the database was brought forward: {}", steps.join(", ")),
    }
    greet(config, &ready, begun);
    let clock = tokio::spawn(app::keep_correct(ready.clock.clone(), ready.database.clone()));
    let house = app::keep_house(ready.database.clone(), ready.clock.clone(), config.housekeeping.clone());
    let house = tokio::spawn(house);
    let watched = ready.watchers.map(|watchers| ready.app.observatory.clone().open(watchers));
    let beat = signals::serving();
    ready.app.serve(ready.entrance, config, stop).await;
    [Some(reload), beat].iter().flatten().for_each(AbortHandle::abort);
    watched.inspect(AbortHandle::abort);
    clock.abort();
    house.abort();
    Ok(())
}

/// Says once how a new installation is entered, and what its contracts tell strangers.
fn introduce(first: &app::FirstAdministrator, config: &Config) {
    let address = first.email.as_ref().map_or("without an e-mail address", EmailAddress::as_str);
    let password = match &first.drawn {
        Some(password) => format!("{}, which is not shown again", password.reveal()),
        None => "you gave".to_owned(),
    };
    say!("First administrator: {} ({address}) with the password {password}", first.username);
    app::disclosures(config).iter().for_each(|line| say!("{line}"));
}

/// Tells the operator where everything is. This is the program's answer, so it goes to standard output.
fn greet(config: &Config, ready: &Ready, begun: Instant) {
    let site = &ready.app.site;
    match &ready.mail_folder {
        Some(folder) => say!("Letters are not sent but kept in {}", folder.display()),
        None => say!("Letters are sent through {}", app::relays(config)),
    }
    if site.mailbox.is_some() {
        say!("Read them at {}/mailbox", site.public_url);
    }
    if let Some(Ok(address)) = ready.watchers.as_ref().map(TcpListener::local_addr) {
        say!("Metrics at http://{address}/metrics");
    }
    say!("Sign in at {0}/sign-in, programs with POST {0}/api/5.0/user/login", site.public_url);
    for place in &ready.places {
        let tls = if place.tls { ", with TLS" } else { "" };
        say!("latchkey listens on {place}{tls}, ready after {} ms", begun.elapsed().as_millis());
    }
}

/// Brings the database to the schema of this release.
pub(super) fn migrate(config: &Config) -> anyhow::Result<()> {
    let ground = Ground::for_a_beginning(config)?;
    let applied = block_on(ground.migrate())?;
    match applied.is_empty() {
        true => say!("The schema is up to date."),
        false => say!("Applied: {}", applied.join(", ")),
    }
    ground.leave()
}
