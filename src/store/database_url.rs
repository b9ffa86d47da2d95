//! Where the database is, in one text, which may hold its password.

use std::ops::Deref;

use serde::Deserialize;
use zeroize::Zeroizing;

/// A PostgreSQL connection string. It is a secret: it can't be printed by itself, and it is wiped when it is dropped.
#[derive(Clone, Deserialize)]
#[cfg_attr(test, derive(PartialEq))]
#[serde(from = "String")]
pub struct DatabaseUrl(Zeroizing<String>);

impl From<String> for DatabaseUrl {
    fn from(text: String) -> Self {
        Self(Zeroizing::new(text))
    }
}

impl DatabaseUrl {
    /// These pieces, one behind the other; room for all is made at once, or growing would leave copies behind.
    pub(super) fn of_pieces(pieces: &[&str]) -> Self {
        let mut whole = String::with_capacity(pieces.iter().map(|piece| piece.len()).sum());
        pieces.iter().for_each(|piece| whole.push_str(piece));
        Self::from(whole)
    }
}

/// The text, for those who connect.
impl Deref for DatabaseUrl {
    type Target = str;

    fn deref(&self) -> &str {
        &self.0
    }
}
