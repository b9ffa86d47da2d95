//! `latchkey client`: programs that may ask for tokens, for whoever may reach the database.

use clap::Subcommand;
use serde_json::json;

use super::{
    print::{self, moment, say},
    services::with_services,
};
use crate::{
    config::Config,
    domain::ClientId,
    service::{OauthClient, Services},
};

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
    with_services(config, async |Services { clients, .. }| {
        match command {
            Command::Add { id, name } => {
                let id = ClientId::parse(&id)?;
                let secret = clients.add(id.clone(), name.unwrap_or_else(|| id.to_string())).await?;
                say!("client_id:     {id}\nclient_secret: {}", secret.reveal());
                say!("The secret is not shown again.");
            }
            Command::List { json } => list(&clients.list().await?, json),
            Command::Remove { id } => {
                clients.remove(&ClientId::parse(&id)?).await?;
                say!("{id} is forgotten, and every token it got is revoked.");
            }
        }
        Ok(())
    })
}

fn list(clients: &[OauthClient], json: bool) {
    let object = |OauthClient { id, name, created_at }: &OauthClient| json!({ "id": id.as_str(), "name": name, "since": moment(*created_at) });
    let row = |OauthClient { id, name, created_at }: &OauthClient| {
        [id.to_string(), moment(*created_at), name.clone()]
    };
    print::list(clients, json, object, ["CLIENT ID", "SINCE", "NAME"], row);
}
