//! A finished letter: both texts, the envelope, and the message as it goes over the wire.

use lettre::{
    Address,
    address::Envelope,
    message::{
        Body, Mailbox, Message, MultiPart, SinglePart,
        header::{ContentTransferEncoding, HeaderName, HeaderValue},
    },
};
use sha2::{Digest as _, Sha256};
use time::OffsetDateTime;

use super::RenderError;

/// A letter ready to be carried. It may hold a reset key: no `Debug`, so that no log can show it.
#[derive(Clone)]
pub struct Letter {
    /// Its number in the outbox.
    pub number: i64,
    /// The one address it goes to.
    pub recipient: String,
    /// Subject, as people read it.
    pub subject: String,
    /// The plain text, complete by itself.
    pub text: String,
    /// The same as HTML.
    pub html: String,
    /// When it was written.
    pub written_at: OffsetDateTime,
    envelope: Envelope,
    message: Vec<u8>,
}

/// What a letter is made of.
pub(super) struct Draft<'a> {
    pub number: i64,
    pub from: &'a Mailbox,
    pub reply_to: Option<&'a Mailbox>,
    pub recipient: &'a str,
    pub subject: String,
    pub text: String,
    pub html: String,
    pub promised_at: OffsetDateTime,
    pub written_at: OffsetDateTime,
}

impl Letter {
    /// Composes the message (RFC 5322, MIME) and refuses what would break its headers.
    pub(super) fn compose(draft: Draft<'_>) -> Result<Self, RenderError> {
        let recipient = address(draft.recipient)?;
        if draft.subject.chars().any(char::is_control) {
            return Err(RenderError::Subject);
        }
        let identity = Identity::of(&draft);
        let message = Message::builder().from(draft.from.clone());
        let message = match draft.reply_to {
            Some(people) => message.reply_to(people.clone()),
            None => message,
        };
        let message = message
            .to(Mailbox::new(None, recipient.clone()))
            .subject(draft.subject.as_str())
            .date(draft.written_at.into())
            .message_id(Some(identity.message_id))
            .raw_header(header("Auto-Submitted", "auto-generated"))
            .raw_header(header("X-Auto-Response-Suppress", "All"))
            .multipart(
                MultiPart::alternative()
                    .boundary(identity.boundary)
                    .singlepart(SinglePart::plain(body(&draft.text)))
                    .singlepart(SinglePart::html(body(&draft.html))),
            )?;
        Ok(Self {
            number: draft.number,
            recipient: draft.recipient.to_owned(),
            subject: draft.subject,
            text: draft.text,
            html: draft.html,
            written_at: draft.written_at,
            envelope: message.envelope().clone(),
            message: message.formatted(),
        })
    }

    /// Sender and recipient for the mail server (RFC 5321 §2.3.1).
    pub fn envelope(&self) -> &Envelope {
        &self.envelope
    }

    /// The message with its headers, lines ended by CRLF.
    pub fn message(&self) -> &[u8] {
        &self.message
    }
}

/// Reads an address for an envelope. Nothing with control characters comes through: they would end the line.
pub(super) fn address(text: &str) -> Result<Address, RenderError> {
    match text.chars().any(char::is_control) {
        true => Err(RenderError::Address),
        false => text.parse().map_err(|_| RenderError::Address).and_then(in_ascii),
    }
}

/// The same address with its domain as DNS knows it (RFC 5890 §2.3.2.1): `müller.example` is `xn--mller-kva.example`, which
/// every relay takes. Only what stands before the `@` may then ask for SMTPUTF8.
pub(super) fn in_ascii(address: Address) -> Result<Address, RenderError> {
    if address.domain().is_ascii() {
        return Ok(address);
    }
    match url::Host::parse(address.domain()) {
        Ok(url::Host::Domain(domain)) => {
            Address::new(address.user(), domain).map_err(|_| RenderError::Address)
        }
        _ => Err(RenderError::Address),
    }
}

/// Longest line in a message, in bytes without its end (RFC 5322 §2.1.1).
const LONGEST_LINE: usize = 998;

/// A text as it goes into the message: as it is where it can be, so that the links in a stored letter can be
/// read and followed without a mail client.
fn body(text: &str) -> Body {
    let simple = |byte: u8| byte == b'\t' || byte == b' ' || byte.is_ascii_graphic();
    if text.lines().all(|line| line.len() <= LONGEST_LINE && line.bytes().all(simple)) {
        let lines: String = text.lines().flat_map(|line| [line, "\r\n"]).collect();
        return Body::dangerous_pre_encoded(lines.into_bytes(), ContentTransferEncoding::SevenBit);
    }
    Body::new(text.to_owned())
}

fn header(name: &'static str, value: &str) -> HeaderValue {
    HeaderValue::new(HeaderName::new_from_ascii_str(name), value.to_owned())
}

/// Message-ID and MIME boundary. They follow from the promise, so a letter that had to be sent twice carries
/// one id and mail systems can drop the double.
struct Identity {
    message_id: String,
    boundary: String,
}

impl Identity {
    fn of(draft: &Draft<'_>) -> Self {
        let promised = draft.promised_at.unix_timestamp_nanos() / 1000;
        let domain = draft.from.email.domain();
        let seed = format!("{}.{promised}@{domain}", draft.number);
        let digest = Sha256::digest(seed.as_bytes());
        let tail: String = digest.iter().take(12).map(|byte| format!("{byte:02x}")).collect();
        Self {
            message_id: format!("<{}.{promised}.{tail}@{domain}>", draft.number),
            boundary: format!("part-{tail}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use time::macros::datetime;

    use super::*;
    use crate::domain::EmailAddress;

    fn written(recipient: &str) -> Result<Letter, RenderError> {
        let from: Mailbox = "latchkey@localhost".parse().unwrap();
        let now = datetime!(2026-11-21 12:00 UTC);
        Letter::compose(Draft {
            number: 1,
            from: &from,
            reply_to: None,
            recipient,
            subject: "A letter".to_owned(),
            text: "text".to_owned(),
            html: "<p>text</p>".to_owned(),
            promised_at: now,
            written_at: now,
        })
    }

    /// Whether a letter goes to nobody else, as the message says it and as the relay hears it.
    fn arrives(address: &EmailAddress) -> bool {
        written(address.as_str()).is_ok_and(|letter| letter.envelope().to().len() == 1)
    }

    /// Texts that look like addresses, of all the characters that some rule is about.
    fn likely_addresses() -> impl Strategy<Value = String> {
        let local = r#"("[ -~]{0,6}"|[a-z!#$%&'*+/=?^_`{|}~.ßéü🙂 ",;:<>()\\-]{1,8})"#;
        let domain =
            r"([a-z0-9ßüx１。.-]{1,8}|\[[0-9.:IPv]{2,10}\]|\PC{1,4})(\.(test|[a-z]{2}|рф|\PC{1,3}))?";
        (local, domain).prop_map(|(local, domain)| format!("{local}@{domain}"))
    }

    proptest! {
        #[test]
        fn a_letter_can_be_written_to_every_address_that_is_taken(text in likely_addresses()) {
            for taken in [EmailAddress::parse(&text), EmailAddress::parse_mailbox(&text)].into_iter().flatten() {
                prop_assert!(arrives(&taken), "{:?} is taken and can't be written to", taken.as_str());
            }
        }
    }
}
