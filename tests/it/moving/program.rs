//! latchkey's commands on a database, and that database looked into.

use std::{
    fs,
    io::Write as _,
    path::PathBuf,
    process::{Child, Command, Output, Stdio},
};

use latchkey::store::{Client, Database, DatabaseSettings};
use tempfile::TempDir;

use crate::{
    process::program::latchkey,
    support::{database_url, settings, through_pgbouncer},
};

/// A database, and a folder to run commands in.
pub struct Place {
    pub url: String,
    folder: TempDir,
    database: Database,
}

impl Place {
    /// With a database that was migrated and has no accounts.
    pub async fn new() -> Self {
        Self::on(database_url().await)
    }

    /// On a database of somebody else.
    pub fn on(url: String) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let settings = DatabaseSettings { connections: 2, ..settings() };
        let database = Database::open(&url, &settings).unwrap();
        Self { url, folder, database }
    }

    /// With a database in which there is nothing at all.
    pub async fn bare() -> Self {
        let place = Self::new().await;
        place.sql("DROP SCHEMA latchkey, public CASCADE; CREATE SCHEMA public").await;
        place
    }

    pub async fn client(&self) -> Client {
        self.database.client().await.unwrap()
    }

    pub async fn sql(&self, statements: &str) {
        self.client().await.batch_execute(statements).await.unwrap();
    }

    /// The first column of the one row of a query, as text.
    pub async fn text(&self, query: &str) -> String {
        self.client().await.query_one(query, &[]).await.unwrap().get(0)
    }

    /// A digest of all that accounts, roles and tenants are, numbers and times included.
    pub async fn digest(&self) -> String {
        self.text(
            "SELECT md5((SELECT string_agg(u::text, ',' ORDER BY id) FROM public.tm_user u) \
               || (SELECT string_agg(r::text, ',' ORDER BY id) FROM public.role r) \
               || (SELECT string_agg(c::text, ',' ORDER BY role_id, cap_name) FROM public.role_capability c) \
               || (SELECT string_agg(t::text, ',' ORDER BY id) FROM public.tenant t))",
        )
        .await
    }

    /// A file in the folder, as the argument of a command.
    pub fn file(&self, name: &str, content: impl AsRef<[u8]>) -> String {
        let path = self.path(name);
        fs::write(&path, content).unwrap();
        path.to_str().unwrap().to_owned()
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = latchkey();
        command.args(["--data", "var"]).args(arguments).env("LATCHKEY_DATABASE__URL", &self.url);
        command.env("LATCHKEY_PASSWORD__COST", "4").current_dir(&self.folder);
        command.env("LATCHKEY_DATABASE__PREPARED_STATEMENTS", (!through_pgbouncer()).to_string());
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        command
    }

    /// Starts a command.
    pub fn begin(&self, arguments: &[&str]) -> Child {
        self.command(arguments).spawn().unwrap()
    }

    /// Runs a command to its end.
    pub fn run(&self, arguments: &[&str], input: &str) -> Output {
        let mut child = self.begin(arguments);
        let mut stdin = child.stdin.take().unwrap();
        // A command that stops early leaves the rest unread.
        let _ = stdin.write_all(input.as_bytes());
        drop(stdin);
        child.wait_with_output().unwrap()
    }

    /// Runs a command with more in its environment.
    pub fn run_with(&self, arguments: &[&str], variables: &[(String, String)]) -> Output {
        let mut command = self.command(arguments);
        command.env_remove("LATCHKEY_DATABASE__URL").envs(variables.iter().cloned());
        command.output().unwrap()
    }

    /// What a command says that ends with this status.
    #[track_caller]
    pub fn ends(&self, status: i32, arguments: &[&str], input: &str) -> String {
        let output = self.run(arguments, input);
        let (said, errors) = (text(output.stdout), text(output.stderr));
        assert_eq!(output.status.code(), Some(status), "{arguments:?}: {said}{errors}");
        if status == 1 { errors } else { said }
    }

    /// What a command says that succeeds.
    #[track_caller]
    pub fn said(&self, arguments: &[&str]) -> String {
        self.ends(0, arguments, "")
    }
}

fn text(bytes: Vec<u8>) -> String {
    String::from_utf8(bytes).unwrap()
}
