//! E-mail addresses, read strictly for accounts and forgivingly for look-ups.

use std::{fmt, net::IpAddr};

/// An address that mail can be sent to. Case is kept; look-ups ignore it.
///
/// ```
/// use latchkey::domain::{EmailAddress, EmailRefused};
///
/// let asked_about = EmailAddress::parse_mailbox("Alice <alice@example.test>")?;
/// assert_eq!(asked_about, EmailAddress::parse("alice@example.test")?);
/// assert_eq!(EmailAddress::parse("Alice <alice@example.test>"), Err(EmailRefused::Malformed));
/// # Ok::<(), EmailRefused>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EmailAddress(String);

/// Why a text is not an e-mail address.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum EmailRefused {
    /// Nothing was given.
    #[error("an e-mail address is needed")]
    Blank,
    /// Longer than 254 bytes (RFC 5321 §4.5.3.1.3, less the brackets).
    #[error("the e-mail address is too long")]
    TooLong,
    /// Not of the form `local@domain`, or one that no letter can be written to: control characters, a local part in
    /// quotes, a domain that DNS can't have.
    #[error("this is not an e-mail address")]
    Malformed,
}

/// Longest address in bytes.
const LONGEST: usize = 254;

impl EmailAddress {
    /// Reads the address of an account: bare, with a dot in the domain.
    ///
    /// # Errors
    /// Which rule the text broke.
    pub fn parse(text: &str) -> Result<Self, EmailRefused> {
        let options = email_address::Options::default().with_required_tld().without_display_text();
        Self::read(text, options.without_domain_literal())
    }

    /// Reads an address somebody asks about: a display name before `<…>` is dropped, a domain needs no dot.
    ///
    /// # Errors
    /// Which rule the text broke. Source: fact sheet Traffic Ops §1.6.
    pub fn parse_mailbox(text: &str) -> Result<Self, EmailRefused> {
        Self::read(text.trim_matches(' '), email_address::Options::default())
    }

    /// Takes an address that was accepted when it was stored.
    pub(crate) fn stored(text: String) -> Self {
        Self(text)
    }

    /// The address as written.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    fn read(text: &str, options: email_address::Options) -> Result<Self, EmailRefused> {
        match text {
            "" => return Err(EmailRefused::Blank),
            _ if text.len() > LONGEST => return Err(EmailRefused::TooLong),
            _ if text.chars().any(char::is_control) => return Err(EmailRefused::Malformed),
            _ => {}
        }
        let read = email_address::EmailAddress::parse_with_options(text, options)
            .map_err(|_| EmailRefused::Malformed)?;
        match !read.local_part().contains('"') && is_reachable(read.domain()) {
            true => Ok(Self(read.email())),
            false => Err(EmailRefused::Malformed),
        }
    }
}

impl fmt::Display for EmailAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Whether a mail server can be asked for: a domain in other letters than ASCII has a form in ASCII (RFC 5890 §2.3.2.1),
/// and in brackets stands an IP address.
fn is_reachable(domain: &str) -> bool {
    match domain.strip_prefix('[').and_then(|domain| domain.strip_suffix(']')) {
        Some(literal) => literal.parse::<IpAddr>().is_ok(),
        None => domain.is_ascii() || matches!(url::Host::parse(domain), Ok(url::Host::Domain(_))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The mail library writes neither (`mail::letter`): an account with one would never get a letter.
    #[test]
    fn what_no_letter_can_be_written_to_is_no_address() {
        for bad in [r#""a b"@x.test"#, r#""ab"@x.test"#, "a@１.２.３.４", "a@x\u{200b}.test\u{202e}", "a@[x]"]
        {
            assert_eq!(EmailAddress::parse(bad), Err(EmailRefused::Malformed), "{bad}");
            assert_eq!(EmailAddress::parse_mailbox(bad), Err(EmailRefused::Malformed), "{bad}");
        }
        let quoted_name = EmailAddress::parse_mailbox(r#""Liddell, Alice" <alice@x.test>"#);
        assert_eq!(quoted_name.map(|read| read.0).as_deref(), Ok("alice@x.test"));
    }

    #[test]
    fn an_account_needs_a_bare_address_with_a_dot() {
        for good in ["test@example.com", "Mixed.Case@Example.Test", "grüße@beispiel.example", "a+b@c.de"] {
            assert_eq!(EmailAddress::parse(good).map(|e| e.0), Ok(good.to_owned()));
        }
        for bad in [
            "a@localhost",
            "Foo <a@b.test>",
            " a@b.test ",
            "not-an-email",
            "a@@b.test",
            "a@b.test\r\nBcc: x@y.z",
        ] {
            assert_eq!(EmailAddress::parse(bad), Err(EmailRefused::Malformed), "{bad:?}");
        }
        assert_eq!(EmailAddress::parse(""), Err(EmailRefused::Blank));
        assert_eq!(EmailAddress::parse(&format!("a@{}.test", "b".repeat(260))), Err(EmailRefused::TooLong));
    }

    #[test]
    fn a_look_up_drops_the_display_name() {
        assert_eq!(
            EmailAddress::parse_mailbox("Victim <victim@example.test>").unwrap().as_str(),
            "victim@example.test"
        );
        assert_eq!(EmailAddress::parse_mailbox("a@localhost").unwrap().as_str(), "a@localhost");
        assert!(EmailAddress::parse_mailbox("a@b.test, c@d.test").is_err());
    }
}
