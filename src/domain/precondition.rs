//! What a writer knows of the thing to be written over.

use time::OffsetDateTime;

/// The latest change that a writer knows of, if the writer said so: a later one makes the write void.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Precondition(pub Option<OffsetDateTime>);

impl Precondition {
    /// Whether what was last changed then may be written over.
    pub fn allows(self, last_updated: OffsetDateTime) -> bool {
        self.0.is_none_or(|known| last_updated <= known)
    }
}
