//! A secret of the configuration: somebody else's key or password, as a text.

use serde::Deserialize;
use zeroize::Zeroizing;

/// A text that is never printed by accident, and wiped when it is dropped.
#[derive(Clone, Deserialize)]
#[cfg_attr(test, derive(PartialEq))]
#[serde(from = "String")]
pub struct SecretText(Zeroizing<String>);

impl From<String> for SecretText {
    fn from(text: String) -> Self {
        Self(Zeroizing::new(text))
    }
}

impl SecretText {
    /// What stands in a file with one line: its end is not part of the secret.
    pub fn of_line(line: String) -> Self {
        let line = Zeroizing::new(line);
        line.trim_end_matches(['\r', '\n']).to_owned().into()
    }

    /// The text, for whoever it is meant for.
    pub fn reveal(&self) -> &str {
        &self.0
    }
}
