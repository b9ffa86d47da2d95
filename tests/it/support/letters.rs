//! Letters that arrived, as the recipient reads them.

use latchkey::mail::Letter;
use mail_parser::MessageParser;

use super::{seen, watcher};

/// Some letters.
pub struct Letters(Vec<Letter>);

/// One letter, opened.
pub struct Opened {
    pub to: String,
    pub subject: String,
    pub text: String,
    pub html: String,
}

impl Letters {
    pub fn of(letters: Vec<Letter>) -> Self {
        letters.iter().for_each(|letter| seen::in_letter(watcher(), &open(letter).text));
        Self(letters)
    }

    pub fn count(&self) -> usize {
        self.0.len()
    }

    /// All of them, opened.
    pub fn letters(&self) -> Vec<Opened> {
        self.0.iter().map(open).collect()
    }

    /// The one letter to this address.
    #[track_caller]
    pub fn only_letter_to(&self, address: &str) -> Opened {
        let mut letters = self.letters();
        letters.retain(|letter| letter.to == address);
        assert_eq!(letters.len(), 1, "letters to {address}");
        letters.remove(0)
    }
}

impl Opened {
    /// The key in the letter's link.
    #[track_caller]
    pub fn reset_key(&self) -> String {
        self.key().expect("a link with a key")
    }

    /// The password in the letter: the one line that is set off and a single word.
    #[track_caller]
    pub fn password(&self) -> String {
        let mut lines = self.text.lines().filter_map(|line| line.strip_prefix("    "));
        lines.find(|line| !line.contains(' ')).expect("a password in the letter").trim().to_owned()
    }

    /// The key in the letter's link, if it has one.
    pub fn key(&self) -> Option<String> {
        let (_, rest) = self.text.split_once("token=")?;
        Some(rest.chars().take_while(char::is_ascii_alphanumeric).collect())
    }
}

fn open(letter: &Letter) -> Opened {
    let message = MessageParser::default().parse(letter.message()).expect("a letter");
    let recipient = letter.envelope().to().first().expect("a recipient");
    Opened {
        to: recipient.to_string(),
        subject: message.subject().unwrap_or_default().to_owned(),
        text: message.body_text(0).unwrap_or_default().into_owned(),
        // Where a line may break is nothing that a reader reads.
        html: message.body_html(0).unwrap_or_default().replace("&nbsp;", " "),
    }
}
