//! Links that are handed over by hand, where there is no mail or nobody reads it.

use std::time::Duration;

use anyhow::bail;
use clap::Args;

use crate::{
    app,
    cli::{
        print::{moment, say},
        tenant,
    },
    config::Config,
    domain::{EmailAddress, Username},
    service::{Errand, HandedOver, Invitation, Origin, RoleChoice, Services},
};

/// How long a link is good.
#[derive(Args)]
pub(in crate::cli) struct Lifetime {
    /// How long it is good, such as 90m, 24h or 7d; 30 days at most
    #[arg(long, default_value = "24h", value_parser = humantime::parse_duration)]
    ttl: Duration,
}

const LONGEST: Duration = Duration::from_hours(30 * 24);

impl Lifetime {
    fn checked(&self) -> anyhow::Result<time::Duration> {
        match self.ttl {
            Duration::ZERO => bail!("a link that is good for no time is good for nothing"),
            ttl if ttl > LONGEST => bail!("a link is good for 30 days at most"),
            ttl => Ok(ttl.try_into()?),
        }
    }
}

/// Prints the link to a form for a new password, or to the open registration.
pub(super) async fn reset(
    config: &Config,
    services: &Services,
    username: &str,
    lifetime: &Lifetime,
) -> anyhow::Result<()> {
    let (username, origin) = (Username::parse(username)?, Origin::command_line());
    let errand = Errand::of_operator(&origin);
    show(config, &services.recovery.hand_over(errand, &username, lifetime.checked()?).await?)
}

/// Opens an account and prints the link to finish it.
pub(super) async fn invite(
    config: &Config,
    services: &Services,
    email: &str,
    role: String,
    tenant: &str,
    lifetime: &Lifetime,
) -> anyhow::Result<()> {
    let email = EmailAddress::parse(email)?;
    let tenant = tenant::named(&services.tenants, tenant).await?;
    let invitation = Invitation { email, role: RoleChoice::Name(role), tenant };
    let origin = Origin::command_line();
    let errand = Errand::of_operator(&origin);
    show(config, &services.registration.hand_over(errand, &invitation, lifetime.checked()?).await?)
}

/// The link alone to standard output, so that a script can take it.
fn show(config: &Config, handed_over: &HandedOver) -> anyhow::Result<()> {
    say!("{}", app::handed_over(config, handed_over.opens, &handed_over.key));
    eprintln!(
        "Good once, until {}. It is not shown again; earlier ones are void.",
        moment(handed_over.expires_at)
    );
    Ok(())
}
