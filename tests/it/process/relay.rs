//! A relay that a server's letters go to, and what the letters are to their reader.

use mail_parser::{Message, MessageParser};

use super::program::{House, eventually};
use crate::smtp_sink::{Received, SmtpSink};

impl House {
    /// The house, with its letters going to that relay.
    pub fn writing_to(self, relay: &SmtpSink) -> Self {
        self.with("LATCHKEY_MAIL__TRANSPORT", "smtp")
            .with("LATCHKEY_MAIL__SMTP__HOST", relay.address.ip())
            .with("LATCHKEY_MAIL__SMTP__PORT", relay.address.port())
            .with("LATCHKEY_MAIL__SMTP__SECURITY", "none")
    }
}

/// Waits for the first letter to this address.
pub async fn letter_to(relay: &SmtpSink, address: &str) -> Received {
    let look = || relay.received().into_iter().find(|letter| letter.to == [address]);
    eventually(&format!("a letter to {address}"), look).await
}

impl Received {
    /// Path and query of the link to the page where a new password is chosen.
    #[track_caller]
    pub fn reset_path(&self) -> String {
        let letter = self.opened();
        let text = letter.body_text(0).expect("a text");
        let link = text.split_whitespace().find(|word| word.contains("token=")).expect("a link with a key");
        let (_, path) =
            link.split_once("://").and_then(|(_, rest)| rest.split_once('/')).expect("a whole link");
        format!("/{path}")
    }

    pub fn subject(&self) -> String {
        self.opened().subject().unwrap_or_default().to_owned()
    }

    fn opened(&self) -> Message<'_> {
        MessageParser::default().parse(&self.message).expect("a letter")
    }
}
