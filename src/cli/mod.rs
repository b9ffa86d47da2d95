//! The command line: one file a command.

#![deny(clippy::print_stdout, reason = "println! panics where nobody reads on; say! does not")]

mod audit;
mod check;
mod client;
mod columns;
mod completions;
mod config;
mod connection_string;
mod export;
mod ground;
mod import;
mod log;
mod mail;
mod outbox;
mod print;
mod probe;
mod role;
mod routes;
mod secret;
mod serve;
mod services;
mod session;
mod signals;
mod tenant;
mod user;

use std::{path::PathBuf, process::ExitCode};

use clap::{Args, CommandFactory as _, Parser, Subcommand};

use crate::config::{Address, Config, Listen};

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
    /// Address and port, or unix:/path, to listen on; may be given several times [default: 127.0.0.1:8080]
    #[arg(long, global = true, value_name = "ADDR")]
    listen: Vec<Address>,
    /// PostgreSQL to use instead of a private one, without a password: everybody on the machine reads arguments
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
    /// Where somebody is signed in
    #[command(subcommand)]
    Session(session::Command),
    /// Letters that wait, were sent or failed
    #[command(subcommand)]
    Outbox(outbox::Command),
    /// What was done, by whom, from where
    Audit(audit::Arguments),
    /// What letters look like
    #[command(subcommand)]
    Mail(mail::Command),
    /// The keys that sign sessions
    #[command(subcommand)]
    Secret(secret::Command),
    /// Take accounts in, from another database or a file
    #[command(subcommand)]
    Import(import::Command),
    /// Write accounts out
    #[command(subcommand)]
    Export(export::Command),
    /// Ask the running server how it is; fails unless it is well
    Probe(probe::Arguments),
    /// List every operation
    Routes,
    /// Say what of the configuration works, what does not, and what to do
    Check(check::Arguments),
    /// What can be configured
    #[command(subcommand)]
    Config(config::Command),
    /// Write what a shell needs to complete the command line
    Completions(completions::Arguments),
    /// Write the manual
    Man(completions::ManArguments),
}

impl Flags {
    fn config(&self) -> anyhow::Result<Config> {
        let mut config = Config::load(self.config.as_deref())?;
        if let Some(data) = &self.data {
            config.data = data.clone();
        }
        if !self.listen.is_empty() {
            config.listen = Listen(self.listen.clone());
        }
        if let Some(url) = &self.database_url {
            connection_string::refuse_password(url)?;
            config.database.url = Some(url.clone().into());
        }
        Ok(config)
    }
}

/// Runs the command that the arguments name.
pub fn run() -> ExitCode {
    let Cli { flags, command } = Cli::parse();
    let command = command.unwrap_or(Command::Serve);
    let done = without_a_configuration(&command).unwrap_or_else(|| with_a_configuration(&flags, command));
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("latchkey: {error:#}");
            ExitCode::FAILURE
        }
    }
}

/// Runs the commands that need none, so that they work where it can't be read.
fn without_a_configuration(command: &Command) -> Option<anyhow::Result<()>> {
    match command {
        Command::Config(command) => Some(config::run(command)),
        Command::Completions(arguments) => Some(completions::run(arguments, Cli::command())),
        Command::Man(arguments) => Some(completions::man(arguments, Cli::command())),
        _ => None,
    }
}

fn with_a_configuration(flags: &Flags, command: Command) -> anyhow::Result<()> {
    let config = &flags.config()?;
    match command {
        Command::Serve => serve::run(config),
        Command::Migrate => serve::migrate(config),
        Command::User(command) => user::run(config, command),
        Command::Client(command) => client::run(config, command),
        Command::Role(command) => role::run(config, command),
        Command::Tenant(command) => tenant::run(config, command),
        Command::Session(command) => session::run(config, command),
        Command::Outbox(command) => outbox::run(config, command),
        Command::Audit(arguments) => audit::run(config, &arguments),
        Command::Mail(command) => mail::run(config, &command),
        Command::Secret(command) => secret::run(config, &command),
        Command::Import(command) => import::run(config, command),
        Command::Export(command) => export::run(config, command),
        Command::Probe(arguments) => probe::run(config, &arguments),
        Command::Routes => routes::run(config),
        Command::Check(arguments) => check::run(config, flags.config.as_deref(), &arguments),
        // They were run without a configuration.
        Command::Config(_) | Command::Completions(_) | Command::Man(_) => Ok(()),
    }
}

/// A runtime for one command, started after the private PostgreSQL: that one dies with the thread which
/// spawned it.
fn block_on<T>(work: impl Future<Output = anyhow::Result<T>>) -> anyhow::Result<T> {
    tokio::runtime::Builder::new_multi_thread().enable_all().build()?.block_on(work)
}
