//! A folder for one private PostgreSQL, and a way to ask it something.

use std::{
    fs::{self, Permissions},
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
};

use latchkey::store::embedded::Settings;
use rustix::process::Pid;
use tempfile::TempDir;
use tokio_postgres::{NoTls, SimpleQueryMessage};

/// A data folder of its own that goes with the test.
pub struct Place {
    /// Held for its end only.
    _parent: TempDir,
    folder: PathBuf,
}

impl Place {
    pub fn new() -> Self {
        let parent = tempfile::Builder::new().prefix("latchkey-").tempdir().unwrap();
        // Of mode 0700 and root's, where the user who runs PostgreSQL could not enter.
        fs::set_permissions(parent.path(), Permissions::from_mode(0o755)).unwrap();
        let folder = fs::canonicalize(parent.path()).unwrap().join("var");
        Self { _parent: parent, folder }
    }

    pub fn folder(&self) -> &Path {
        &self.folder
    }

    pub fn home(&self) -> PathBuf {
        self.folder.join("postgres")
    }

    pub fn data(&self) -> PathBuf {
        self.home().join("data")
    }

    pub fn pid_file(&self) -> PathBuf {
        self.data().join("postmaster.pid")
    }

    pub fn postmaster(&self) -> Pid {
        let text = fs::read_to_string(self.pid_file()).unwrap();
        Pid::from_raw(text.lines().next().unwrap().parse().unwrap()).unwrap()
    }

    /// A folder that nobody but ourselves can enter, like root's home.
    pub fn closed_folder(&self) -> PathBuf {
        let folder = self.folder.parent().unwrap().join("closed");
        fs::create_dir(&folder).unwrap();
        fs::set_permissions(&folder, Permissions::from_mode(0o700)).unwrap();
        folder
    }
}

/// Where the PostgreSQL in that folder has its socket, by the fifth line of its pid file.
pub fn socket_of(folder: &Path) -> String {
    let text = fs::read_to_string(folder.join("postgres/data/postmaster.pid")).unwrap();
    text.lines().nth(4).unwrap().to_owned()
}

/// Settings for tests that lose nothing by a power cut.
pub fn quick() -> Settings {
    Settings { durable: false, ..Settings::default() }
}

/// The first value of the first row of an answer, or "", or what the database says against it.
pub fn ask(url: &str, sql: &str) -> Result<String, String> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let said = |error: tokio_postgres::Error| match error.as_db_error() {
        Some(error) => error.message().to_owned(),
        None => format!("{error:?}"),
    };
    runtime.block_on(async {
        let (client, connection) = tokio_postgres::connect(url, NoTls).await.map_err(said)?;
        let driver = tokio::spawn(connection);
        let answer = client.simple_query(sql).await.map_err(said)?;
        drop(client);
        driver.await.unwrap().map_err(said)?;
        let value = answer.iter().find_map(|message| match message {
            SimpleQueryMessage::Row(row) => row.get(0).map(str::to_owned),
            _ => None,
        });
        Ok(value.unwrap_or_default())
    })
}
