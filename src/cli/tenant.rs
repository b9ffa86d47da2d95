//! `latchkey tenant`: the tree that bounds whom people may act on, for whoever may reach the database.

use anyhow::Context as _;
use clap::Subcommand;
use serde_json::json;

use super::{
    print::{self, say},
    services::with_services,
};
use crate::{
    config::Config,
    domain::{Label, Slice, Tenant, TenantId, TenantNode},
    service::{Actor, Errand, Origin, Services, TenantDraft, TenantFilter, TenantOrder, Tenants},
};

#[derive(Subcommand)]
pub(super) enum Command {
    /// List all tenants
    List {
        /// One JSON object a line
        #[arg(long)]
        json: bool,
    },
    /// Make a tenant
    Add {
        /// What it is called
        name: String,
        /// The tenant it hangs under
        #[arg(long, default_value = Tenant::ROOT)]
        parent: String,
        /// Nobody of it, or of the tenants below it, may sign in yet
        #[arg(long)]
        inactive: bool,
    },
    /// Remove a tenant that nothing belongs to
    Remove {
        /// Which
        name: String,
    },
}

/// Runs one of them on the database of the configuration.
pub(super) fn run(config: &Config, command: Command) -> anyhow::Result<()> {
    with_services(config, async |Services { tenants, .. }| {
        match command {
            Command::List { json } => list(&find(&tenants, None).await?, json),
            Command::Add { name, parent, inactive } => {
                let label = Label::parse(&name).context("the name")?;
                let parent = named(&tenants, &parent).await?;
                let draft = TenantDraft { name: label, active: !inactive, parent };
                tenants.create(Errand::of_operator(&Origin::command_line()), &draft).await?;
                say!("People can be put into the tenant {name}.");
            }
            Command::Remove { name } => {
                let id = named(&tenants, &name).await?;
                tenants.remove(Errand::of_operator(&Origin::command_line()), id).await?;
                say!("The tenant {name} is gone.");
            }
        }
        Ok(())
    })
}

async fn find(tenants: &Tenants, name: Option<String>) -> anyhow::Result<Vec<TenantNode>> {
    let filter = TenantFilter { name, ..TenantFilter::default() };
    Ok(tenants.list(Actor::Operator, &filter, &Slice::all_by(TenantOrder::Name)).await?)
}

/// The tenant of this name.
pub(super) async fn named(tenants: &Tenants, name: &str) -> anyhow::Result<TenantId> {
    let found = find(tenants, Some(name.to_owned())).await?;
    let node = found.first().with_context(|| format!("no tenant is called {name}"))?;
    Ok(node.tenant.id)
}

fn list(found: &[TenantNode], json: bool) {
    let row = |node: &TenantNode| {
        let active = if node.active { "yes" } else { "no" };
        let parent = node.parent.as_ref().map_or("-", |parent| &parent.name);
        [node.tenant.name.clone(), active.to_owned(), parent.to_owned()]
    };
    print::list(found, json, as_json, ["TENANT", "ACTIVE", "UNDER"], row);
}

fn as_json(node: &TenantNode) -> serde_json::Value {
    json!({
        "id": node.tenant.id.0, "name": node.tenant.name, "active": node.active,
        "parentId": node.parent.as_ref().map(|parent| parent.id.0),
        "parent": node.parent.as_ref().map(|parent| parent.name.as_str()),
    })
}
