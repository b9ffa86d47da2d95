//! `latchkey check`: does the configuration fit the world?

use super::{block_on, ground::Ground};
use crate::{
    app::{self, session_secrets},
    config::Config,
    service::UnknownAccount,
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
    println!("{}", dialects(config));
    ground.leave()
}

async fn database(config: &Config, url: &str) -> anyhow::Result<()> {
    let database = Database::open(url, &config.database)?;
    println!("Database: reached; its clock shows {}.", database.time().await?);
    Ok(())
}

/// Which contracts tell strangers that an account exists (DESIGN section 2).
fn dialects(config: &Config) -> &'static str {
    match config.dialects.traffic_ops.unknown_account {
        UnknownAccount::Uniform => "traffic_ops: tells strangers nothing about accounts.",
        UnknownAccount::Documented => {
            "traffic_ops: tells strangers which addresses have accounts; set \
             dialects.traffic_ops.unknown_account = \"uniform\" to change that."
        }
    }
}
