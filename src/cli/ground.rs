//! What a command stands on: the data folder and a database, private or not.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail};

use crate::{
    config::Config,
    store::{
        DatabaseUrl,
        embedded::{PrivateServer, data_folder, data_folder_to_be, is_made},
        migrate,
    },
};

/// The data folder and the database. Dropping it stops a private PostgreSQL that this process started.
pub(super) struct Ground {
    /// Where the server keeps what it keeps. With a database of the operator's own it may not be there yet.
    pub data: PathBuf,
    /// Connection string.
    pub url: DatabaseUrl,
    /// What the operator should be told about both.
    pub notices: Vec<String>,
    private: Option<PrivateServer>,
}

impl Ground {
    /// For `serve`: starts the private PostgreSQL unless the configuration names another.
    pub(super) fn for_serving(config: &Config) -> anyhow::Result<Self> {
        Self::lay(config, PrivateServer::serve)
    }

    /// For commands on what is there: joins the PostgreSQL of a running server, or starts it. Called in a wrong folder
    /// they would find an empty database, so they make none.
    pub(super) fn for_a_command(config: &Config) -> anyhow::Result<Self> {
        if Self::is_untouched(config) {
            bail!(
                "there is no database here: database.url is not set, and in {} there is no private PostgreSQL. Name the \
                 server's configuration with --config, or its folder with --data; a new database is made by `latchkey \
                 serve`, `migrate` and `import`",
                Self::folder(config)?.display()
            );
        }
        Self::for_a_beginning(config)
    }

    /// For commands that a new installation may begin with: as the others, but makes the private PostgreSQL if need be.
    pub(super) fn for_a_beginning(config: &Config) -> anyhow::Result<Self> {
        Self::lay(config, PrivateServer::join_or_serve)
    }

    /// Whether the database would be a private PostgreSQL, and nobody has made it yet.
    pub(super) fn is_untouched(config: &Config) -> bool {
        config.database.url.is_none() && !is_made(&config.data)
    }

    /// The data folder, whether it is there or not: a command that only looks makes none.
    pub(super) fn folder(config: &Config) -> anyhow::Result<PathBuf> {
        Ok(match config.database.url {
            Some(_) => std::path::absolute(&config.data)?,
            None => data_folder_to_be(&config.data),
        })
    }

    fn lay<E>(config: &Config, private: impl Fn(&Path) -> Result<PrivateServer, E>) -> anyhow::Result<Self>
    where
        anyhow::Error: From<E>,
    {
        if let Some(url) = &config.database.url {
            let (data, url) = (Self::folder(config)?, config.database.completed(url));
            return Ok(Self { data, url, notices: Vec::new(), private: None });
        }
        let folder = data_folder(&config.data)?;
        let private = private(folder.path())?;
        let notices = folder.notice().map(str::to_owned).into_iter().chain([private.report().to_string()]);
        Ok(Self {
            data: folder.path().to_owned(),
            url: private.url().into(),
            notices: notices.collect(),
            private: Some(private),
        })
    }

    /// Brings the database to the schema of this release; returns the names of the steps that were missing.
    pub(super) async fn migrate(&self) -> anyhow::Result<Vec<String>> {
        migrate::run(&self.url).await.context("the database can't be brought to the schema of this release")
    }

    /// Stops a private PostgreSQL that this process started, and says how that went.
    pub(super) fn leave(self) -> anyhow::Result<()> {
        Ok(self.private.map(PrivateServer::stop).transpose().map(drop)?)
    }
}
