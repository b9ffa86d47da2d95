//! What every bench measures in and with: a PostgreSQL that writes to the disk, latchkey on it in a process of its own,
//! a relay, a line to ask on, and what the machine did meanwhile.

pub(crate) mod line;
pub(crate) mod machine;
pub(crate) mod relay;
pub(crate) mod server;
pub(crate) mod told;

use std::{fs, os::unix::fs::PermissionsExt as _, path::Path, process::Command};

use latchkey::store::embedded::PrivateServer;
use tempfile::TempDir;
use tokio::runtime::{Builder, Runtime};

use line::{Line, post};

/// The first administrator's.
pub(crate) const PASSWORD: &str = "a password for whoever measures";

/// A PostgreSQL, and the folder in which it and its latchkey live. They go down in this order.
pub(crate) struct House {
    postgres: PrivateServer,
    folder: TempDir,
}

impl House {
    pub(crate) fn build() -> Self {
        let folder = TempDir::new().expect("no folder");
        // When started by root the database runs as somebody else, who must be able to enter.
        fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o755)).expect("no permissions");
        let postgres = PrivateServer::serve(&folder.path().join("database")).expect("no PostgreSQL");
        Self { postgres, folder }
    }

    /// Where the database is.
    pub(crate) fn url(&self) -> String {
        self.postgres.url()
    }

    /// Of the database server, as it names itself.
    pub(crate) fn version(&self) -> String {
        self.postgres.report().version.clone()
    }

    pub(crate) fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// Gives a command what latchkey needs to serve here, on a free port of the loopback.
    pub(crate) fn furnish(&self, mut latchkey: Command) -> Command {
        latchkey.args(["--listen", "127.0.0.1:0", "--data"]).arg(self.folder().join("latchkey"));
        latchkey.env("LATCHKEY_DATABASE__URL", self.url()).env("LATCHKEY_ADMIN_PASSWORD", PASSWORD);
        // The access log is the operator's choice, and off in every comparison.
        latchkey.env("LATCHKEY_LOG__LEVEL", "warn");
        latchkey
    }
}

/// latchkey as it was built beside this bench.
pub(crate) fn latchkey() -> Command {
    Command::new(env!("CARGO_BIN_EXE_latchkey"))
}

/// One thread for whoever asks: the others are for whoever answers.
pub(crate) fn runtime() -> Runtime {
    Builder::new_current_thread().enable_all().build().expect("no runtime")
}

/// Signs somebody in who has the administrator's password; the cookie of the session.
pub(crate) async fn sign_in(line: &mut Line, username: &str) -> String {
    let login = post("/api/5.0/user/login", &format!(r#"{{"u":"{username}","p":"{PASSWORD}"}}"#));
    let answer = String::from_utf8_lossy(line.ask(&login).await.expect("no answer")).into_owned();
    let cookie = answer.lines().find_map(|line| line.split_once(": mojolicious=")?.1.split(';').next());
    format!("mojolicious={}", cookie.unwrap_or_else(|| panic!("no cookie in\n{answer}")))
}
