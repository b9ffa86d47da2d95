//! `latchkey check`: does the configuration fit the world?

use super::{block_on, ground::Ground};
use crate::{
    app::{self, session_secrets},
    config::Config,
    store::Database,
};

/// Looks at everything that `serve` will need, changes nothing, and says what it found.
pub(super) fn run(config: &Config) -> anyhow::Result<()> {
    let ground = Ground::for_a_command(config)?;
    for notice in &ground.notices {
        println!("{notice}");
    }
    block_on(database(config, &ground.url))?;
    session_secrets(&config.session, &ground.data)?;
    println!("Session secrets: good.");
    app::check_mail(config, &ground.data)?;
    println!("Mail: the settings can be used.");
    app::look(config)?;
    println!("Pages: name, logo and colour can be used.");
    app::check_dialects(config)?;
    println!("Contracts: they can be served together.");
    app::disclosures(config).iter().for_each(|line| println!("{line}"));
    ground.leave()
}

async fn database(config: &Config, url: &str) -> anyhow::Result<()> {
    let database = Database::open(url, &config.database)?;
    println!("Database: reached; its clock shows {}.", database.time().await?);
    Ok(())
}
