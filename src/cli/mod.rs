//! The command line: one file a command.

mod check;
mod client;
mod ground;
mod log;
mod mail;
mod outbox;
mod role;
mod routes;
mod serve;
mod services;
mod table;
mod tenant;
mod user;

use std::{path::PathBuf, process::ExitCode};

use clap::{Args, Parser, Subcommand};

use crate::config::Config;

/// A self-hosted sign-in and account-recovery server.
#[derive(Parser)]
#[command(name = "latchkey", version)]
struct Cli {
    #[command(flatten)]
    flags: Flags,
    #[command(subcommand)]
    command: Option<Command>,
}

/// Flags that every command takes; they win over the file and the environment.
#[derive(Args)]
struct Flags {
    /// Configuration file [default: latchkey.toml, if it is there]
    #[arg(long, global = true, value_name = "FILE", env = "LATCHKEY_CONFIG")]
    config: Option<PathBuf>,
    /// Folder for what the server keeps [default: ./var]
    #[arg(long, global = true, value_name = "DIR")]
    data: Option<PathBuf>,
    /// Address and port to listen on [default: 127.0.0.1:8080]
    #[arg(long, global = true, value_name = "ADDR")]
    listen: Option<String>,
    /// PostgreSQL to use instead of a private one
    #[arg(long, global = true, value_name = "URL")]
    database_url: Option<String>,
}

#[derive(Subcommand)]
enum Command {
    /// Answer requests and carry letters (the default)
    Serve,
    /// Bring the database to the schema of this release
    Migrate,
    /// Accounts
    #[command(subcommand)]
    User(user::Command),
    /// Programs that may ask for tokens (OAuth clients)
    #[command(subcommand)]
    Client(client::Command),
    /// What people may do
    #[command(subcommand)]
    Role(role::Command),
    /// The tree that bounds whom people may act on
    #[command(subcommand)]
    Tenant(tenant::Command),
    /// Letters that wait, were sent or failed
    #[command(subcommand)]
    Outbox(outbox::Command),
    /// What letters look like
    #[command(subcommand)]
    Mail(mail::Command),
    /// List every operation
    Routes,
    /// Hold the configuration against the world
    Check,
}

impl Flags {
    fn config(&self) -> anyhow::Result<Config> {
        let mut config = Config::load(self.config.as_deref())?;
        if let Some(data) = &self.data {
            config.data = data.clone();
        }
        if let Some(listen) = &self.listen {
            config.listen = listen.clone();
        }
        if let Some(url) = &self.database_url {
            config.database.url = Some(url.clone());
        }
        Ok(config)
    }
}

/// Runs the command that the arguments name.
pub fn run() -> ExitCode {
    let Cli { flags, command } = Cli::parse();
    let done = flags.config().and_then(|config| match command.unwrap_or(Command::Serve) {
        Command::Serve => serve::run(&config),
        Command::Migrate => serve::migrate(&config),
        Command::User(command) => user::run(&config, command),
        Command::Client(command) => client::run(&config, command),
        Command::Role(command) => role::run(&config, command),
        Command::Tenant(command) => tenant::run(&config, command),
        Command::Outbox(command) => outbox::run(&config, command),
        Command::Mail(command) => mail::run(&config, &command),
        Command::Routes => routes::run(&config),
        Command::Check => check::run(&config),
    });
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("latchkey: {error:#}");
            ExitCode::FAILURE
        }
    }
}

/// A runtime for one command, started after the private PostgreSQL: that one dies with the thread which
/// spawned it.
fn block_on<T>(work: impl Future<Output = anyhow::Result<T>>) -> anyhow::Result<T> {
    tokio::runtime::Builder::new_multi_thread().enable_all().build()?.block_on(work)
}
