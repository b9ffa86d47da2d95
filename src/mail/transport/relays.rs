//! Mail relays in the order of preference: the next one is asked when one is away or can't take a letter now.

use std::{slice, time::Duration};

use time::OffsetDateTime;

use super::{DeliveryError, Letter, Reason, Smtp, TransportRefused, dialogue::Failure};
use crate::{
    mail::{MailSettings, SmtpSettings},
    ports::{Clock, Entropy},
};

/// The relays of an installation, best first; there is at least one.
pub struct Relays(Vec<Smtp>);

impl From<Smtp> for Relays {
    fn from(relay: Smtp) -> Self {
        Self(vec![relay])
    }
}

impl Relays {
    /// Prepares those of the settings: `[[mail.relay]]`, or the one of `[mail.smtp]`.
    ///
    /// # Errors
    /// What of the settings can't be used.
    pub(super) fn open(settings: &MailSettings) -> Result<Self, TransportRefused> {
        let default = SmtpSettings::default();
        let (section, relays) = match (&settings.smtp, settings.relay.as_slice()) {
            (Some(_), [_, ..]) => return Err(TransportRefused::TwoWays),
            (one, []) => ("mail.smtp", slice::from_ref(one.as_ref().unwrap_or(&default))),
            (None, several) => ("mail.relay", several),
        };
        let refused = |cause| TransportRefused::Relay { section, cause };
        let prepared = relays.iter().map(|relay| Smtp::new(relay).map_err(refused));
        Ok(Self(prepared.collect::<Result<_, _>>()?))
    }

    /// Several relays, best first.
    pub fn of(relays: Vec<Smtp>) -> Self {
        Self(relays)
    }

    /// Why no relay is asked now: all are away.
    pub(super) fn why_held(&self, now: OffsetDateTime) -> Option<Reason> {
        let reasons: Option<Vec<Reason>> = self.0.iter().map(|relay| relay.why_held(now)).collect();
        reasons?.into_iter().next()
    }

    pub(super) async fn deliver(
        &self,
        letter: &Letter,
        clock: &dyn Clock,
        entropy: &dyn Entropy,
    ) -> Result<(), DeliveryError> {
        let mut failed: Option<DeliveryError> = None;
        for relay in &self.0 {
            match relay.deliver(letter, clock, entropy).await {
                Ok(()) => return Ok(()),
                Err(failure) if failure.leaves_it_to_others() => failed = Some(worse(failed, failure)),
                Err(failure) => return Err(failure.judged()),
            }
        }
        Err(failed.unwrap_or_else(|| DeliveryError::Unreachable(Reason::new("there is no relay"))))
    }

    /// What becomes of greeting each of them, by its name.
    pub(super) async fn greet(&self) -> Vec<(String, Result<(), Reason>)> {
        let mut greeted = Vec::with_capacity(self.0.len());
        for relay in &self.0 {
            greeted.push(relay.greet().await);
        }
        greeted
    }

    pub(super) async fn rest(&self, unused: Duration) {
        for relay in &self.0 {
            relay.rest(unused).await;
        }
    }
}

/// What two relays' refusals mean together. All are away, or none will ever take it, or else it is tried again.
fn worse(before: Option<DeliveryError>, now: Failure) -> DeliveryError {
    match (before, now.judged()) {
        (None, now) => now,
        (Some(DeliveryError::Unreachable(first)), DeliveryError::Unreachable(_)) => {
            DeliveryError::Unreachable(first)
        }
        (Some(DeliveryError::Permanent(first)), DeliveryError::Permanent(_)) => {
            DeliveryError::Permanent(first)
        }
        (Some(DeliveryError::Unreachable(_)), now) => DeliveryError::Temporary(now.reason().clone()),
        (Some(before), _) => DeliveryError::Temporary(before.reason().clone()),
    }
}
