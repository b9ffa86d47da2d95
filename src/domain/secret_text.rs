//! A secret of the configuration: somebody else's key or password, as a text.

use std::ops::Deref;

use serde::Deserialize;
use zeroize::Zeroizing;

/// A text that is never shown, and wiped when it is dropped.
#[derive(Clone, Deserialize)]
#[cfg_attr(test, derive(PartialEq))]
#[serde(from = "String")]
pub struct SecretText(Zeroizing<String>);

impl From<String> for SecretText {
    fn from(text: String) -> Self {
        Self(Zeroizing::new(text))
    }
}

/// The text, for whoever it is meant for.
impl Deref for SecretText {
    type Target = str;

    fn deref(&self) -> &str {
        &self.0
    }
}
