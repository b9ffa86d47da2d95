//! `latchkey client`: programs that may ask for tokens, for whoever may reach the database.

use clap::Subcommand;
use time::{OffsetDateTime, format_description::well_known::Rfc3339};

use super::{block_on, ground::Ground, services::services};
use crate::{config::Config, domain::ClientId, service::OauthClient, store::migrate};

#[derive(Subcommand)]
pub(super) enum Command {
    /// Make a program known; its secret is drawn and printed once, and only a digest of it is kept
    Add {
        /// By what it makes itself known: letters, digits, `.`, `_`, `~`, `-`
        id: String,
        /// What you call it [default: the same]
        #[arg(long)]
        name: Option<String>,
    },
    /// List all programs
    List {
        /// One JSON object a line
        #[arg(long)]
        json: bool,
    },
    /// Forget a program and revoke every token it got
    Remove {
        /// Which
        id: String,
    },
}

/// Runs one of them on the database of the configuration.
pub(super) fn run(config: &Config, command: Command) -> anyhow::Result<()> {
    let ground = Ground::for_a_command(config)?;
    block_on(async {
        migrate::run(&ground.url).await?;
        let clients = services(config, &ground.url)?.clients;
        match command {
            Command::Add { id, name } => {
                let id = ClientId::parse(&id)?;
                let secret = clients.add(id.clone(), name.unwrap_or_else(|| id.to_string())).await?;
                println!("client_id:     {id}\nclient_secret: {}", secret.reveal());
                println!("The secret is not shown again.");
            }
            Command::List { json } => print(&clients.list().await?, json),
            Command::Remove { id } => {
                clients.remove(&ClientId::parse(&id)?).await?;
                println!("{id} is forgotten, and every token it got is revoked.");
            }
        }
        Ok(())
    })?;
    ground.leave()
}

fn print(clients: &[OauthClient], json: bool) {
    if json {
        for OauthClient { id, name, created_at } in clients {
            let since = moment(*created_at);
            println!("{}", serde_json::json!({ "id": id.as_str(), "name": name, "since": since }));
        }
        return;
    }
    let widest = clients.iter().map(|client| client.id.as_str().len()).chain([9]).max().unwrap_or_default();
    println!("{:widest$}  {:20}  NAME", "CLIENT ID", "SINCE");
    for OauthClient { id, name, created_at } in clients {
        println!("{:widest$}  {:20}  {name}", id.as_str(), moment(*created_at));
    }
}

fn moment(at: OffsetDateTime) -> String {
    let seconds = at.replace_nanosecond(0).unwrap_or(at);
    seconds.format(&Rfc3339).unwrap_or_default()
}
