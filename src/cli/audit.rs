//! `latchkey audit`: what was done, by whom, from where, for whoever may reach the database.

use anyhow::bail;
use clap::Args;
use serde_json::json;
use time::Duration;

use super::{
    print::{self, moment},
    services::with_services,
};
use crate::{
    config::Config,
    domain::{AuditKind, Username},
    service::{AuditEvent, AuditFilter, Services},
};

#[derive(Args)]
pub(super) struct Arguments {
    /// Only what concerns this user, or was done by them
    #[arg(long, value_name = "USERNAME")]
    user: Option<String>,
    /// Only events of this kind, such as `sign_in_failed`
    #[arg(long, value_name = "EVENT")]
    event: Option<String>,
    /// Only events of the last so many hours
    #[arg(long, value_name = "HOURS")]
    hours: Option<u32>,
    /// How many
    #[arg(long, default_value_t = 50, value_parser = clap::value_parser!(i64).range(1..=100_000))]
    limit: i64,
    /// Only events with smaller numbers: the next page
    #[arg(long, value_name = "NUMBER")]
    before: Option<i64>,
    /// One JSON object a line
    #[arg(long)]
    json: bool,
}

/// Prints the newest events, the newest first.
pub(super) fn run(config: &Config, arguments: &Arguments) -> anyhow::Result<()> {
    with_services(config, async |services| {
        let filter = filter(&services, arguments).await?;
        let events = services.audit.all(&filter, arguments.limit).await?;
        print::list(&events, arguments.json, as_json, HEADING, row);
        Ok(())
    })
}

async fn filter(services: &Services, arguments: &Arguments) -> anyhow::Result<AuditFilter> {
    let account = match &arguments.user {
        Some(name) => Some(services.administration.named(&Username::parse(name)?).await?),
        None => None,
    };
    let kind = arguments.event.as_deref().map(kind).transpose()?;
    let since = arguments.hours.map(|hours| services.administration.now() - Duration::hours(hours.into()));
    Ok(AuditFilter { account, kind, since, before: arguments.before })
}

fn kind(name: &str) -> anyhow::Result<AuditKind> {
    let Some(kind) = AuditKind::parse(name) else {
        bail!("no event is called {name}; there are {}", AuditKind::ALL.map(AuditKind::as_str).join(", "));
    };
    Ok(kind)
}

const HEADING: [&str; 8] = ["NUMBER", "WHEN", "EVENT", "ABOUT", "BY", "THROUGH", "FROM", "DETAIL"];

fn row(event: &AuditEvent) -> [String; 8] {
    let nobody = || "-".to_owned();
    let about = event.account_name.clone().or(event.account.map(|id| format!("#{}", id.0)));
    let by = event.actor_name.clone().or(event.actor.map(|id| format!("#{}", id.0)));
    [
        event.id.to_string(),
        moment(event.happened_at),
        event.event.clone(),
        about.unwrap_or_else(nobody),
        by.unwrap_or_else(nobody),
        event.dialect.clone(),
        event.address.clone().unwrap_or_else(nobody),
        // A client's own name for itself is in it: JSON keeps what it wrote on one line.
        event.detail.as_ref().map(ToString::to_string).unwrap_or_default(),
    ]
}

fn as_json(event: &AuditEvent) -> serde_json::Value {
    json!({
        "id": event.id,
        "at": moment(event.happened_at),
        "event": event.event,
        "account": event.account.map(|id| id.0),
        "accountName": event.account_name,
        "actor": event.actor.map(|id| id.0),
        "actorName": event.actor_name,
        "dialect": event.dialect,
        "address": event.address,
        "detail": event.detail,
    })
}
