//! `latchkey session`: where somebody is signed in, and the end of it, for whoever may reach the database.

use clap::Subcommand;
use serde_json::json;

use super::{
    print::{self, say},
    services::with_services,
    user::named,
};
use crate::{
    config::Config,
    service::{Actor, Errand, OpenSession, Origin, Services},
};

#[derive(Subcommand)]
pub(super) enum Command {
    /// List the sessions of somebody that have not ended, the newest use first
    List {
        /// Whose
        username: String,
        /// One JSON object a line
        #[arg(long)]
        json: bool,
    },
    /// End all sessions and tokens of somebody; the password stays
    End {
        /// Whose
        username: String,
    },
}

/// Runs one of them on the database of the configuration.
pub(super) fn run(config: &Config, command: Command) -> anyhow::Result<()> {
    with_services(config, async |services| match command {
        Command::List { username, json } => list(&services, &username, json).await,
        Command::End { username } => end(&services, &username).await,
    })
}

async fn list(services: &Services, username: &str, json: bool) -> anyhow::Result<()> {
    let (account, _) = named(services, username).await?;
    let sessions = services.users.sessions(Actor::Operator, account.id).await?;
    let row = |session: &OpenSession| {
        [
            print::moment(session.last_seen_at),
            print::moment(session.opened_at),
            session.address.clone().unwrap_or_else(|| "-".to_owned()),
            session.user_agent.clone().unwrap_or_else(|| "-".to_owned()),
        ]
    };
    print::list(&sessions, json, as_json, ["LAST SEEN", "SIGNED IN", "FROM", "WITH"], row);
    Ok(())
}

fn as_json(session: &OpenSession) -> serde_json::Value {
    json!({
        "lastSeen": print::moment(session.last_seen_at),
        "signedIn": print::moment(session.opened_at),
        "address": session.address,
        "program": session.user_agent,
    })
}

async fn end(services: &Services, username: &str) -> anyhow::Result<()> {
    let (account, _) = named(services, username).await?;
    services.users.end_sessions(Errand::of_operator(&Origin::command_line()), account.id).await?;
    say!("All sessions and tokens of {username} have ended.");
    Ok(())
}
