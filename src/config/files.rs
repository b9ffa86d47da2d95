//! Secrets that stand in files: whoever may read the configuration need not be told them.

use std::{fs, path::Path};

use anyhow::{Context as _, bail};

use super::Config;
use crate::domain::SecretText;

impl Config {
    /// Takes over the secrets that stand in files of their own. The session secrets and the relays' passwords are read
    /// where they are used, so that they can change while the server runs.
    pub(super) fn read_files(&mut self) -> anyhow::Result<()> {
        if let Some(text) =
            only("database.url", self.database.url.is_some(), self.database.url_file.as_deref())?
        {
            self.database.url = Some(text.reveal().to_owned().into());
        }
        let timeslot = &mut self.dialects.timeslot;
        let file = timeslot.fixed_password_file.as_deref();
        if let Some(text) = only("dialects.timeslot.fixed_password", timeslot.fixed_password.is_some(), file)?
        {
            timeslot.fixed_password = Some(text);
        }
        Ok(())
    }
}

/// What stands in the file, if one is named.
fn only(key: &str, given: bool, file: Option<&Path>) -> anyhow::Result<Option<SecretText>> {
    let Some(file) = file else { return Ok(None) };
    if given {
        bail!("{key} and {key}_file are both set: use one of them");
    }
    let text = fs::read_to_string(file);
    let text = text.with_context(|| format!("{key}_file: {} can't be read", file.display()))?;
    Ok(Some(SecretText::of_line(text)))
}
