//! Reads back the letters that the directory transport wrote: the development mailbox.

use std::{
    ffi::OsStr,
    fs,
    path::{Path, PathBuf},
};

use mail_parser::MessageParser;
use time::OffsetDateTime;

use crate::ports::{Mailbox, MailboxLetter};

/// Letters in a folder. Anything else in it is passed over.
pub struct KeptLetters {
    folder: PathBuf,
}

impl KeptLetters {
    /// The letters in this folder.
    pub fn at(folder: &Path) -> Self {
        Self { folder: folder.to_owned() }
    }

    fn read(&self, name: &str) -> Option<MailboxLetter> {
        let raw = fs::read(self.folder.join(format!("{name}.eml"))).ok()?;
        let message = MessageParser::default().parse(&raw)?;
        let to = message.to().and_then(|to| to.first()).and_then(|to| to.address()).unwrap_or_default();
        Some(MailboxLetter {
            name: name.to_owned(),
            to: to.to_owned(),
            subject: message.subject().unwrap_or_default().to_owned(),
            date: message
                .date()
                .and_then(|date| OffsetDateTime::from_unix_timestamp(date.to_timestamp()).ok()),
            text: message.body_text(0).unwrap_or_default().into_owned(),
            html: message.body_html(0).unwrap_or_default().into_owned(),
        })
    }

    /// Names of letters, newest first: they sort by time.
    fn names(&self) -> Vec<String> {
        let entries = fs::read_dir(&self.folder).into_iter().flatten().flatten();
        let files =
            entries.map(|entry| entry.path()).filter(|path| path.extension() == Some(OsStr::new("eml")));
        let mut names: Vec<String> =
            files.filter_map(|path| Some(path.file_stem()?.to_str()?.to_owned())).collect();
        names.sort_unstable_by(|a, b| b.cmp(a));
        names
    }
}

impl Mailbox for KeptLetters {
    fn list(&self, most: usize) -> (Vec<MailboxLetter>, usize) {
        let names = self.names();
        let letters = names.iter().take(most).filter_map(|name| self.read(name)).collect();
        (letters, names.len().saturating_sub(most))
    }

    fn letter(&self, name: &str) -> Option<MailboxLetter> {
        // Only a name that is in the folder is opened, so that no path gets in.
        self.names().iter().any(|known| known == name).then(|| self.read(name)).flatten()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_newest_letters_come_first_and_older_ones_are_counted() {
        let folder = tempfile::tempdir().unwrap();
        for (name, subject) in
            [("1-a.eml", "one"), ("2-b.eml", "two"), ("3-c.eml", "three"), ("note.txt", "")]
        {
            let message = format!("To: <alice@example.test>\r\nSubject: {subject}\r\n\r\ntext\r\n");
            fs::write(folder.path().join(name), message).unwrap();
        }
        let (letters, older) = KeptLetters::at(folder.path()).list(2);
        let subjects: Vec<_> = letters.iter().map(|letter| letter.subject.as_str()).collect();
        assert_eq!((subjects, older), (vec!["three", "two"], 1));
        assert_eq!(KeptLetters::at(folder.path()).list(9).1, 0);
    }
}
