//! Connection strings on the command line: never with a password, since whoever is on the machine reads the arguments of
//! all programs.

use anyhow::{Context as _, bail};
use zeroize::Zeroizing;

/// Refuses the value of `--database-url` if there is a password in it.
pub(super) fn refuse_password(database_url: &str) -> anyhow::Result<()> {
    if holds_password(database_url) {
        bail!(
            "--database-url holds a password, which everybody on this machine can read: set LATCHKEY_DATABASE__URL, or \
             database.url in the configuration file"
        );
    }
    Ok(())
}

/// The connection string that an argument stands for: itself, or with `-` what comes on standard input.
pub(super) fn given(argument: &str) -> anyhow::Result<Zeroizing<String>> {
    match argument {
        "-" => std::io::read_to_string(std::io::stdin())
            .map(Zeroizing::new)
            .context("the connection string can't be read"),
        url if holds_password(url) => bail!(
            "the connection string holds a password, which everybody on this machine can read here: put `-` in its \
             place and the string into standard input"
        ),
        url => Ok(Zeroizing::new(url.to_owned())),
    }
}

/// Whether a connection string, in either of PostgreSQL's forms, has a password in it.
fn holds_password(connection: &str) -> bool {
    if let Ok(understood) = connection.parse::<tokio_postgres::Config>() {
        return understood.get_password().is_some();
    }
    // An option that the driver does not know must not hide one.
    let authority = connection.split_once("://").and_then(|(_, rest)| rest.split(['/', '?']).next());
    let user = authority.and_then(|authority| authority.rsplit_once('@'));
    user.is_some_and(|(user, _)| user.contains(':')) || connection.contains("password")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_is_found_in_either_form_and_behind_options_of_any_kind() {
        for with in [
            "postgres://latchkey:secret@db.example/latchkey",
            "postgresql://latchkey:secret@one.example:5432,two.example:5433/latchkey?sslrootcert=ca.pem",
            "postgres://db.example/latchkey?sslmode=verify-full&password=secret",
            "host=db.example password = secret",
            "host=db.example sslrootcert=ca.pem password='secret'",
        ] {
            assert!(holds_password(with), "{with}");
        }
        for without in [
            "postgres://latchkey@db.example:5432/latchkey",
            "postgres://latchkey@db.example:5432/latchkey?sslrootcert=/etc/ca:1@x.pem",
            "host=/run/postgresql user=latchkey",
        ] {
            assert!(!holds_password(without), "{without}");
        }
    }
}
