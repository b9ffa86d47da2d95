//! `latchkey role`: what people may do, for whoever may reach the database.

use anyhow::Context as _;
use clap::Subcommand;
use serde_json::json;

use super::{
    print::{self, say},
    services::with_services,
};
use crate::{
    config::Config,
    domain::{DescribedRole, Label, Permission, Slice},
    service::{Errand, Origin, RoleChoice, RoleDraft, RoleFilter, RoleOrder, Roles, Services},
};

#[derive(Subcommand)]
pub(super) enum Command {
    /// List all roles
    List {
        /// One JSON object a line
        #[arg(long)]
        json: bool,
    },
    /// Show one role with all that it grants
    Show {
        /// Which
        name: String,
        /// As a JSON object
        #[arg(long)]
        json: bool,
    },
    /// Make a role
    Add {
        /// What it is called
        name: String,
        /// What it is for
        #[arg(long)]
        description: String,
        /// What it grants, such as USER:READ; may be given several times
        #[arg(long = "permission", value_name = "PERMISSION")]
        permissions: Vec<String>,
    },
    /// Remove a role that no account has
    Remove {
        /// Which
        name: String,
    },
}

/// Runs one of them on the database of the configuration.
pub(super) fn run(config: &Config, command: Command) -> anyhow::Result<()> {
    with_services(config, async |Services { roles, .. }| {
        match command {
            Command::List { json } => list(&find(&roles, None).await?, json),
            Command::Show { name, json } => show(&roles, &name, json).await?,
            Command::Add { name, description, permissions } => {
                let permissions: Result<_, _> =
                    permissions.iter().map(|name| Permission::parse(name)).collect();
                let draft = RoleDraft {
                    name: Label::parse(&name).context("the name")?,
                    description: Label::parse(&description).context("the description")?,
                    permissions: Some(permissions.context("a permission")?),
                    priv_level: None,
                };
                roles.create(Errand::of_operator(&Origin::command_line()), draft).await?;
                say!("The role {name} can be given to people.");
            }
            Command::Remove { name } => {
                roles
                    .remove(Errand::of_operator(&Origin::command_line()), &RoleChoice::Name(name.clone()))
                    .await?;
                say!("The role {name} is gone.");
            }
        }
        Ok(())
    })
}

async fn find(roles: &Roles, name: Option<String>) -> anyhow::Result<Vec<DescribedRole>> {
    let filter = RoleFilter { name, ..RoleFilter::default() };
    Ok(roles.list(&filter, &Slice::all_by(RoleOrder::Name)).await?)
}

fn list(found: &[DescribedRole], json: bool) {
    let row = |described: &DescribedRole| {
        let DescribedRole { role, description, .. } = described;
        [role.name.clone(), role.permissions.len().to_string(), description.clone()]
    };
    print::list(found, json, as_json, ["ROLE", "PERMISSIONS", "DESCRIPTION"], row);
}

async fn show(roles: &Roles, name: &str, json: bool) -> anyhow::Result<()> {
    let found = find(roles, Some(name.to_owned())).await?;
    let described = found.first().with_context(|| format!("no role is called {name}"))?;
    if json {
        say!("{}", as_json(described));
        return Ok(());
    }
    say!("{}: {}", described.role.name, described.description);
    described.role.permissions.iter().for_each(|permission| say!("  {}", permission.0));
    Ok(())
}

fn as_json(described: &DescribedRole) -> serde_json::Value {
    let DescribedRole { role, description, .. } = described;
    let permissions: Vec<_> = role.permissions.iter().map(|permission| permission.0.as_ref()).collect();
    json!({
        "id": role.id.0, "name": role.name, "description": description, "privLevel": role.priv_level,
        "permissions": permissions,
    })
}
