//! The command line: one file a command.

mod check;
mod ground;
mod log;
mod routes;
mod serve;
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
        Command::Routes => routes::run(),
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
