//! `latchkey user`: accounts, for whoever may reach the database.

mod link;
mod password;
mod people;

use clap::Subcommand;

use self::password::Password;
pub(super) use self::people::named;
use super::services::with_services;
use crate::{
    config::Config,
    domain::{EmailAddress, Username},
    service::{Administration, Newcomer, Services},
};

#[derive(Subcommand)]
pub(super) enum Command {
    /// Make an account; the first password is drawn and printed once, unless it is read from standard input
    Add {
        /// What the holder signs in with
        username: String,
        /// Where the holder's mail goes
        #[arg(long)]
        email: Option<String>,
        /// The name people call the holder by
        #[arg(long)]
        full_name: Option<String>,
        /// What the holder may do
        #[arg(long, default_value = "read-only")]
        role: String,
        /// The tenant the holder belongs to
        #[arg(long, default_value = "root")]
        tenant: String,
        /// Read the password from standard input
        #[arg(long)]
        password_stdin: bool,
    },
    /// List all accounts
    List {
        /// One JSON object a line
        #[arg(long)]
        json: bool,
    },
    /// Take away the right to sign in and end all sessions
    Disable {
        /// Whose
        username: String,
    },
    /// Give the right to sign in back to somebody who is disabled; the role from before is not kept
    Enable {
        /// Whose
        username: String,
        /// What the holder may do from now on
        #[arg(long)]
        role: String,
    },
    /// Set a password and end all sessions; it is drawn and printed once, unless read from standard input
    SetPassword {
        /// Whose
        username: String,
        /// Read the password from standard input
        #[arg(long)]
        password_stdin: bool,
    },
    /// Show one account
    Show {
        /// Whose
        username: String,
        /// As a JSON object
        #[arg(long)]
        json: bool,
    },
    /// Open an account without a password, and promise a letter with a link to finish it; again renews the link
    Invite {
        /// Where the letter goes
        email: String,
        /// What the invited may do
        #[arg(long, default_value = "read-only")]
        role: String,
        /// The tenant the invited will belong to
        #[arg(long, default_value = "root")]
        tenant: String,
    },
    /// Print a link to set a new password, or to finish an open registration, without any mail
    ResetLink {
        /// Whose
        username: String,
        #[command(flatten)]
        lifetime: link::Lifetime,
    },
    /// Open an account without a password and print the link to finish it, without any mail; again renews the link
    InviteLink {
        /// The address of the account
        email: String,
        /// What the invited may do
        #[arg(long, default_value = "read-only")]
        role: String,
        /// The tenant the invited will belong to
        #[arg(long, default_value = "root")]
        tenant: String,
        #[command(flatten)]
        lifetime: link::Lifetime,
    },
    /// Remove an account with its sessions; what it wrote into the change log stays
    Remove {
        /// Whose
        username: String,
    },
}

/// Runs one of them on the database of the configuration.
pub(super) fn run(config: &Config, command: Command) -> anyhow::Result<()> {
    with_services(config, async |services| obey(config, &services, command).await)
}

async fn obey(config: &Config, services: &Services, command: Command) -> anyhow::Result<()> {
    let administration = &services.administration;
    match command {
        Command::List { json } => people::list(administration, json).await,
        Command::Show { username, json } => people::show(services, &username, json).await,
        Command::Invite { email, role, tenant } => people::invite(services, &email, role, &tenant).await,
        Command::Remove { username } => people::remove(services, &username).await,
        Command::ResetLink { username, lifetime } => {
            link::reset(config, services, &username, &lifetime).await
        }
        Command::InviteLink { email, role, tenant, lifetime } => {
            link::invite(config, services, &email, role, &tenant, &lifetime).await
        }
        Command::Disable { username } => people::disable(administration, &username).await,
        Command::Enable { username, role } => people::enable(administration, &username, &role).await,
        Command::SetPassword { username, password_stdin } => {
            let password = Password::choose(password_stdin)?;
            administration.set_password(&Username::parse(&username)?, &password.text).await?;
            password.tell(&username);
            Ok(())
        }
        Command::Add { username, email, full_name, role, tenant, password_stdin } => {
            let password = Password::choose(password_stdin)?;
            let newcomer = Newcomer {
                username: Username::parse(&username)?,
                email: email.map(|text| EmailAddress::parse(&text)).transpose()?,
                full_name,
                password: Some(password.text.clone()),
                role,
                tenant,
            };
            add(administration, newcomer, &password).await
        }
    }
}

async fn add(administration: &Administration, newcomer: Newcomer, password: &Password) -> anyhow::Result<()> {
    let username = newcomer.username.to_string();
    administration.add(newcomer).await?;
    password.tell(&username);
    Ok(())
}
