//! Where a password at the command line comes from.

use std::io::Read as _;

use anyhow::{Context as _, bail};
use zeroize::Zeroizing;

use crate::{
    cli::print::say,
    domain::GeneratedPassword,
    ports::{Entropy as _, OsEntropy},
};

/// A password from standard input, or one drawn here and shown once.
pub(super) struct Password {
    pub(super) text: Zeroizing<String>,
    drawn: bool,
}

impl Password {
    pub(super) fn choose(from_stdin: bool) -> anyhow::Result<Self> {
        if !from_stdin {
            let password = GeneratedPassword::draw(|bytes| OsEntropy.fill(bytes));
            return Ok(Self { text: Zeroizing::new(password.reveal().to_owned()), drawn: true });
        }
        let mut text = Zeroizing::new(String::new());
        std::io::stdin().read_to_string(&mut text).context("the password can't be read")?;
        if text.is_empty() {
            bail!("nothing came on standard input, where --password-stdin reads the password");
        }
        let line = text.strip_suffix('\n').unwrap_or(&text);
        Ok(Self { text: Zeroizing::new(line.strip_suffix('\r').unwrap_or(line).to_owned()), drawn: false })
    }

    pub(super) fn tell(&self, username: &str) {
        match self.drawn {
            true => say!("{username} signs in with the password {}\nIt is not shown again.", *self.text),
            false => say!("{username} signs in with the password you gave."),
        }
    }
}
