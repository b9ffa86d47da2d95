//! The steps of an SMTP dialogue, each under a time-out, and what their failures mean for a letter.

use std::{error::Error as _, fmt, future::Future, io, time::Duration};

use lettre::transport::smtp::{self, response::Severity};
use tokio::time::timeout;

use super::{DeliveryError, Reason};

/// A step of the dialogue with a relay.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Step {
    Connect,
    Tls,
    /// The relay's first byte in the clear: it speaks first (RFC 5321 §3.1), unless it waits for TLS.
    FirstWord,
    Greeting,
    Starttls,
    Login,
    Mail,
    Rcpt,
    Data,
    Content,
    Reset,
    Quit,
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Connect => "connecting",
            Self::Tls => "the TLS handshake",
            Self::FirstWord | Self::Greeting => "the greeting",
            Self::Starttls => "STARTTLS",
            Self::Login => "AUTH",
            Self::Mail => "MAIL",
            Self::Rcpt => "RCPT",
            Self::Data => "DATA",
            Self::Content => "the letter",
            Self::Reset => "RSET",
            Self::Quit => "QUIT",
        })
    }
}

/// Why a step failed.
#[derive(Debug)]
pub(super) enum Cause {
    /// The relay said no.
    Answered { code: u16, said: Option<String> },
    /// No answer in time.
    Silent(Duration),
    /// The connection failed, or what came was no SMTP.
    Broken(String),
    /// The relay lacks what the letter needs.
    Unable(&'static str),
    /// It was not even asked: it was away a moment ago.
    Away(Reason),
}

impl From<io::Error> for Cause {
    fn from(error: io::Error) -> Self {
        Self::Broken(error.to_string())
    }
}

impl From<smtp::Error> for Cause {
    fn from(error: smtp::Error) -> Self {
        match error.status() {
            Some(code) => Self::Answered { code: code.into(), said: error.source().map(ToString::to_string) },
            None => Self::Broken(bare(&error)),
        }
    }
}

/// What is behind it, without the kinds of error that the SMTP client puts before it: `Connection error` comes twice.
fn bare(error: &smtp::Error) -> String {
    match error.source() {
        Some(source) => source.downcast_ref().map_or_else(|| source.to_string(), bare),
        None => error.to_string(),
    }
}

/// A failed step.
#[derive(Debug)]
pub(super) struct Failure {
    pub step: Step,
    pub cause: Cause,
}

/// Takes one step, for `limit` at most.
pub(super) async fn take<T, E: Into<Cause>>(
    step: Step,
    limit: Duration,
    work: impl Future<Output = Result<T, E>>,
) -> Result<T, Failure> {
    let cause = match timeout(limit, work).await {
        Ok(Ok(done)) => return Ok(done),
        Ok(Err(cause)) => cause.into(),
        Err(_) => Cause::Silent(limit),
    };
    Err(Failure { step, cause })
}

/// "Closing": the relay ends the connection, whatever was asked (RFC 5321 §3.8).
const CLOSING: u16 = 421;
/// Refusals that are about us and not about the letter: log in first, use TLS first (RFC 4954 §6, RFC 3207 §4).
const ABOUT_US: [u16; 4] = [530, 534, 535, 538];

impl Failure {
    /// Whether the relay answered, and goes on listening.
    pub(super) fn is_answer(&self) -> bool {
        matches!(self.cause, Cause::Answered { code, .. } if code != CLOSING)
            || matches!(self.cause, Cause::Unable(_))
    }

    /// Whether the relay hung up before it was told anything: a new connection can take the letter.
    pub(super) fn hung_up_before_the_letter(&self) -> bool {
        let gone = matches!(self.cause, Cause::Broken(_) | Cause::Answered { code: CLOSING, .. });
        self.step == Step::Mail && gone
    }

    /// Whether another relay can be asked at once: this one was away, or said that it has not taken the letter.
    pub(super) fn leaves_it_to_others(&self) -> bool {
        self.is_opening() || self.is_answer() && (!self.is_final() || matches!(self.cause, Cause::Unable(_)))
    }

    /// Whether no letter was even offered.
    fn is_opening(&self) -> bool {
        matches!(
            self.step,
            Step::Connect | Step::Tls | Step::FirstWord | Step::Greeting | Step::Starttls | Step::Login
        )
    }

    fn is_final(&self) -> bool {
        match (&self.cause, self.step) {
            (Cause::Unable(_), _) => true,
            (Cause::Answered { code, .. }, Step::Rcpt | Step::Data | Step::Content) => {
                code / 100 == Severity::PermanentNegativeCompletion as u16 && !ABOUT_US.contains(code)
            }
            _ => false,
        }
    }

    /// What it means for the letter.
    ///
    /// Up to MAIL nothing was said of the recipient, so no refusal there is final: the sender, the password and
    /// the certificate are the operator's, and can be mended before the letter expires.
    pub(super) fn judged(self) -> DeliveryError {
        let reason = self.reason();
        match (self.is_opening(), self.is_final()) {
            (true, _) => DeliveryError::Unreachable(reason),
            (false, true) => DeliveryError::Permanent(reason),
            (false, false) => DeliveryError::Temporary(reason),
        }
    }

    /// Why, in words.
    pub(super) fn reason(&self) -> Reason {
        let step = self.step;
        match &self.cause {
            Cause::Answered { code, said } => {
                Reason { what: format!("{step} was answered with {code}"), said: said.clone() }
            }
            Cause::Silent(limit) if step == Step::FirstWord => Reason::new(format!(
                "the relay said nothing for {limit:?}: a port for TLS from the first byte (usually 465) waits like that, \
                 and needs security = \"tls\" in the relay's section"
            )),
            Cause::Silent(limit) => Reason::new(format!("{step} took longer than {limit:?}")),
            Cause::Broken(said) => Reason { what: format!("{step} failed"), said: Some(said.clone()) },
            Cause::Unable(what) => Reason::new(*what),
            Cause::Away(reason) => reason.clone(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn judged(step: Step, code: u16) -> &'static str {
        match (Failure { step, cause: Cause::Answered { code, said: None } }).judged() {
            DeliveryError::Temporary(_) => "temporary",
            DeliveryError::Permanent(_) => "permanent",
            DeliveryError::Unreachable(_) => "unreachable",
        }
    }

    #[test]
    fn only_a_5xx_about_the_letter_itself_is_final() {
        assert_eq!(judged(Step::Rcpt, 550), "permanent");
        assert_eq!(judged(Step::Content, 554), "permanent");
        assert_eq!(judged(Step::Rcpt, 451), "temporary");
        assert_eq!(judged(Step::Content, 452), "temporary");
        assert_eq!(judged(Step::Mail, 550), "temporary");
    }

    #[test]
    fn what_the_operator_can_mend_is_held_against_no_letter() {
        assert_eq!(judged(Step::Login, 535), "unreachable");
        assert_eq!(judged(Step::Greeting, 554), "unreachable");
        assert_eq!(judged(Step::Rcpt, 530), "temporary");
    }
}
