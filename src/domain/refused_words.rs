//! Passwords that one installation refuses besides the shipped list.

use std::{collections::HashSet, sync::Arc};

use super::password::folded;

/// The operator's own list, and the name of the installation: nobody's password, in whatever case.
///
/// Source: NIST 800-63B rev 4 §3.1.1.2, context-specific words.
#[derive(Clone, Debug, Default)]
pub struct RefusedWords(Arc<HashSet<String>>);

impl RefusedWords {
    /// These words; blank ones forbid nothing.
    pub fn of<'a>(words: impl IntoIterator<Item = &'a str>) -> Self {
        let words = words.into_iter().map(str::trim).filter(|word| !word.is_empty());
        Self(Arc::new(words.map(|word| folded(word).to_string()).collect()))
    }

    /// Whether a text is one of them; expects it [folded].
    pub(super) fn contains(&self, folded: &str) -> bool {
        self.0.contains(folded)
    }
}
