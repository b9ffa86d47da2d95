//! The development mailbox, as the pages see it: letters that were written to a folder instead of being sent.

use time::OffsetDateTime;

/// A letter as it would be seen in a mail program.
pub struct MailboxLetter {
    /// Its name in the folder, without its ending.
    pub name: String,
    /// Whom it is for.
    pub to: String,
    /// What it says it is about.
    pub subject: String,
    /// When it was written.
    pub date: Option<OffsetDateTime>,
    /// Its plain part.
    pub text: String,
    /// Its HTML part.
    pub html: String,
}

/// Reads letters that were written to a folder.
pub trait Mailbox: Send + Sync {
    /// The newest letters, so many at most, the newest first; and how many more there are.
    fn list(&self, most: usize) -> (Vec<MailboxLetter>, usize);
    /// One letter.
    fn letter(&self, name: &str) -> Option<MailboxLetter>;
}
