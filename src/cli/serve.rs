//! `latchkey serve` and `latchkey migrate`.

use std::time::Instant;

use tokio::{
    signal::unix::{SignalKind, signal},
    sync::watch,
};

use super::{block_on, ground::Ground, log};
use crate::{
    app::{self, Ready},
    config::Config,
    store::migrate,
};

/// Answers requests until SIGTERM or SIGINT.
pub(super) fn run(config: &Config) -> anyhow::Result<()> {
    log::start(&config.log)?;
    let begun = Instant::now();
    let ground = Ground::for_serving(config)?;
    block_on(serve(config, &ground, begun))?;
    ground.leave()
}

async fn serve(config: &Config, ground: &Ground, begun: Instant) -> anyhow::Result<()> {
    migrate::run(&ground.url).await?;
    let ready = app::ready(config, &ground.url, &ground.data).await?;
    let first = app::first_administrator(&ready.app.site.services.administration).await?;
    let stop = stop_signal()?;
    greet(config, &ready, ground, first.as_ref(), begun);
    let clock = tokio::spawn(app::keep_correct(ready.clock.clone(), ready.database.clone()));
    let house = app::keep_house(ready.database.clone(), ready.clock.clone(), config.housekeeping.clone());
    let house = tokio::spawn(house);
    ready.app.serve(ready.listener, config, stop).await;
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
    println!("Sign in with POST {}/api/5.0/user/login", site.public_url);
    println!("latchkey listens on {}, ready after {} ms", ready.address, begun.elapsed().as_millis());
}

/// Turns true at the first SIGTERM or SIGINT; the second ends the program at once.
fn stop_signal() -> anyhow::Result<watch::Receiver<bool>> {
    let (mut terminate, mut interrupt) = (signal(SignalKind::terminate())?, signal(SignalKind::interrupt())?);
    let (stop, stopped) = watch::channel(false);
    tokio::spawn(async move {
        loop {
            tokio::select! {
                _ = terminate.recv() => {}
                _ = interrupt.recv() => {}
            }
            if stop.send_replace(true) {
                std::process::exit(1);
            }
        }
    });
    Ok(stopped)
}

/// Brings the database to the schema of this release.
pub(super) fn migrate(config: &Config) -> anyhow::Result<()> {
    let ground = Ground::for_a_command(config)?;
    let applied = block_on(migrate::run(&ground.url))?;
    match applied.is_empty() {
        true => println!("The schema is up to date."),
        false => println!("Applied: {}", applied.join(", ")),
    }
    ground.leave()
}
