//! `latchkey user`: accounts, for whoever may reach the database.

use std::{io::Read as _, sync::Arc};

use anyhow::Context as _;
use clap::Subcommand;
use zeroize::Zeroizing;

use super::{block_on, ground::Ground};
use crate::{
    config::Config,
    domain::{Account, EmailAddress, ResetKey, Username},
    ports::{Bell, Entropy as _, Hasher, OsEntropy, SystemClock},
    service::{Administration, Core, Newcomer, Services},
    store::{Database, migrate},
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
    /// Set a password and end all sessions; it is drawn and printed once, unless read from standard input
    SetPassword {
        /// Whose
        username: String,
        /// Read the password from standard input
        #[arg(long)]
        password_stdin: bool,
    },
}

/// Runs one of them on the database of the configuration.
pub(super) fn run(config: &Config, command: Command) -> anyhow::Result<()> {
    let ground = Ground::for_a_command(config)?;
    block_on(async {
        migrate::run(&ground.url).await?;
        let administration = administration(config, &ground.url)?;
        match command {
            Command::List { json } => list(&administration, json).await,
            Command::Disable { username } => {
                administration.disable(&Username::parse(&username)?).await?;
                println!("{username} may not sign in any more, and all sessions have ended.");
                Ok(())
            }
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
                    password: Some(password.text.to_string()),
                    role,
                    tenant,
                };
                administration.add(newcomer).await?;
                password.tell(&username);
                Ok(())
            }
        }
    })?;
    ground.leave()
}

fn administration(config: &Config, url: &str) -> anyhow::Result<Administration> {
    let entropy = Arc::new(OsEntropy);
    let core = Core {
        database: Database::open(url, &config.database)?,
        clock: Arc::new(SystemClock::default()),
        hasher: Hasher::start(config.hasher(), entropy.clone()),
        entropy,
        bell: Bell::default(),
        lifetimes: config.lifetimes(),
    };
    Ok(Services::new(core).administration)
}

async fn list(administration: &Administration, json: bool) -> anyhow::Result<()> {
    let accounts = administration.list().await?;
    if json {
        for account in &accounts {
            println!("{}", as_json(account));
        }
        return Ok(());
    }
    let rows = accounts.iter().map(row);
    let heading = ["USER NAME", "ROLE", "TENANT", "E-MAIL"].map(str::to_owned);
    print_table([heading].into_iter().chain(rows).collect());
    Ok(())
}

fn row(account: &Account) -> [String; 4] {
    [
        account.username.to_string(),
        account.role.as_ref().map_or("-", |role| &role.name).to_owned(),
        account.tenant.name.clone(),
        account.email.as_ref().map_or("-", EmailAddress::as_str).to_owned(),
    ]
}

fn as_json(account: &Account) -> serde_json::Value {
    let [username, role, tenant, email] = row(account);
    serde_json::json!({
        "id": account.id.0, "username": username, "role": role, "tenant": tenant, "email": email,
        "fullName": account.full_name,
    })
}

fn print_table(rows: Vec<[String; 4]>) {
    let width = |column: usize| rows.iter().map(|row| row[column].chars().count()).max().unwrap_or(0);
    let widths = [width(0), width(1), width(2)];
    for [first, second, third, last] in &rows {
        let [a, b, c] = widths;
        println!("{first:a$}  {second:b$}  {third:c$}  {last}");
    }
}

/// A password from standard input, or one drawn here and shown once.
struct Password {
    text: Zeroizing<String>,
    drawn: bool,
}

impl Password {
    fn choose(from_stdin: bool) -> anyhow::Result<Self> {
        if !from_stdin {
            let key = ResetKey::draw(|bytes| OsEntropy.fill(bytes));
            return Ok(Self { text: Zeroizing::new(key.reveal()[..20].to_owned()), drawn: true });
        }
        let mut text = Zeroizing::new(String::new());
        std::io::stdin().read_to_string(&mut text).context("the password can't be read")?;
        let line = text.strip_suffix('\n').unwrap_or(&text);
        Ok(Self { text: Zeroizing::new(line.strip_suffix('\r').unwrap_or(line).to_owned()), drawn: false })
    }

    fn tell(&self, username: &str) {
        match self.drawn {
            true => println!("{username} signs in with the password {}", *self.text),
            false => println!("{username} signs in with the password you gave."),
        }
    }
}
