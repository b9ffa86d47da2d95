//! `latchkey serve` and `latchkey migrate`.

use std::time::Instant;

use tokio::{net::TcpListener, task::AbortHandle};

use super::{
    block_on,
    ground::Ground,
    log,
    signals::{self, Reloaded},
};
use crate::{
    app::{self, CertificateWatch, Ready},
    config::Config,
    store::migrate,
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
    migrate::run(&ground.url).await?;
    let ready = app::ready(config, &ground.url, &ground.data).await?;
    let first = app::first_administrator(&ready.app.site.services.administration).await?;
    let stop = signals::stop_signal()?;
    let certificates = ready.certificates.clone();
    let certificates =
        certificates.map(|kept| CertificateWatch::start(kept, ready.clock.clone())).transpose()?;
    let (site, session, data) = (ready.app.site.clone(), config.session.clone(), ground.data.clone());
    let reload = signals::reload_at_hangup(Reloaded { certificates, site, session, data })?;
    greet(config, &ready, ground, first.as_ref(), begun);
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

/// Tells the operator where everything is. This is the program's answer, so it goes to standard output.
fn greet(
    config: &Config,
    ready: &Ready,
    ground: &Ground,
    first: Option<&app::FirstAdministrator>,
    begun: Instant,
) {
    for notice in &ground.notices {
        println!("{notice}");
    }
    if let Some(first) = first {
        match &first.drawn {
            Some(password) => {
                println!("First administrator: {} with the password {}", first.username, **password)
            }
            None => println!("First administrator: {} with the password you gave", first.username),
        }
        app::disclosures(config).iter().for_each(|line| println!("{line}"));
    }
    let site = &ready.app.site;
    if let Some(folder) = &ready.mail_folder {
        println!("Letters are not sent but kept in {}", folder.display());
    }
    if site.mailbox.is_some() {
        println!("Read them at {}/mailbox", site.public_url);
    }
    if let Some(Ok(address)) = ready.watchers.as_ref().map(TcpListener::local_addr) {
        println!("Metrics at http://{address}/metrics");
    }
    println!("Sign in with POST {}/api/5.0/user/login", site.public_url);
    for place in &ready.places {
        let tls = if place.tls { ", with TLS" } else { "" };
        println!("latchkey listens on {place}{tls}, ready after {} ms", begun.elapsed().as_millis());
    }
}

/// Brings the database to the schema of this release.
pub(super) fn migrate(config: &Config) -> anyhow::Result<()> {
    let ground = Ground::for_a_beginning(config)?;
    let applied = block_on(migrate::run(&ground.url))?;
    match applied.is_empty() {
        true => println!("The schema is up to date."),
        false => println!("Applied: {}", applied.join(", ")),
    }
    ground.leave()
}
