//! How often anybody may try: passwords, keys, clients' secrets, letters.
//!
//! What fails is counted twice. By name and account, in the database, so that all instances know it; and by where it
//! comes from, in memory, so that a flood costs the database nothing. What succeeds is not counted: a thousand agents
//! behind one address sign in as often as they like. Source: DESIGN section 2, throttling.

mod settings;
mod sign_in;
mod sources;

use std::sync::{Arc, Mutex, PoisonError};

use time::OffsetDateTime;

use super::{Actor, Fault, Origin};
use crate::{
    domain::{AccountId, ClientId, Digest, Network},
    ports::{Counters, Throttled},
    store::{self, GenericClient, outbox},
};
pub use settings::ThrottleSettings;
pub(super) use sign_in::{Standing, Subjects, name_subject};
use sources::{Source, Sources};

/// Counts what fails and holds back what failed too often; cheap to clone.
#[derive(Clone)]
pub struct Throttle {
    settings: Arc<ThrottleSettings>,
    sources: Arc<Mutex<Sources>>,
    counters: Counters,
}

impl Throttle {
    /// With nothing counted yet.
    pub fn new(settings: ThrottleSettings, counters: Counters) -> Self {
        Self { settings: Arc::new(settings), sources: Arc::default(), counters }
    }

    /// Whether a request may be tried that comes from there.
    pub(super) fn admit(&self, origin: &Origin, now: OffsetDateTime) -> Result<(), Fault> {
        self.admit_source(self.source(origin), now)
    }

    /// Counts a failed try, or a letter that was asked for, against where it comes from.
    pub(super) fn charge(&self, origin: &Origin, now: OffsetDateTime) {
        self.charge_source(self.source(origin), now);
    }

    /// As [`Throttle::admit`], for people who come through a client that proved who it is: all share its address.
    pub(super) fn admit_client(&self, client: &ClientId, now: OffsetDateTime) -> Result<(), Fault> {
        self.admit_source(self.client(client), now)
    }

    /// As [`Throttle::charge`], for people who come through such a client.
    pub(super) fn charge_client(&self, client: &ClientId, now: OffsetDateTime) {
        self.charge_source(self.client(client), now);
    }

    fn admit_source(&self, source: Option<Source>, now: OffsetDateTime) -> Result<(), Fault> {
        let Some(source) = source else { return Ok(()) };
        let sources = self.sources.lock().unwrap_or_else(PoisonError::into_inner);
        let until = sources.held_until(&source, self.settings.rate_of(&source), now);
        until.map_or(Ok(()), |until| Err(self.held(Throttled::Address, until, now)))
    }

    fn charge_source(&self, source: Option<Source>, now: OffsetDateTime) {
        let Some(source) = source else { return };
        let rate = self.settings.rate_of(&source);
        self.sources.lock().unwrap_or_else(PoisonError::into_inner).charge(source, rate, now);
    }

    /// Whether anything is counted that comes from there.
    pub(super) fn counts(&self, origin: &Origin) -> bool {
        self.settings.enabled && origin.ip.is_none_or(|ip| !self.settings.exempts(ip))
    }

    fn source(&self, origin: &Origin) -> Option<Source> {
        origin.ip.filter(|_| self.counts(origin)).map(|ip| Source::Network(Network::of_client(ip)))
    }

    fn client(&self, client: &ClientId) -> Option<Source> {
        self.settings.enabled.then(|| Source::Client(client.as_str().to_owned()))
    }

    /// Promises a letter that was asked for, whether or not somebody has the address, and returns its number.
    ///
    /// # Errors
    /// [`Fault::Throttled`] when enough letters were asked for in this hour.
    pub(super) async fn promise(
        &self,
        client: &impl GenericClient,
        letter: &outbox::Promise<'_>,
        asking: Asking,
    ) -> Result<i64, Fault> {
        let Some(counted) = asking.subject(letter.recipient).filter(|_| self.settings.enabled) else {
            return Ok(outbox::promise(client, letter).await?);
        };
        let allowance = outbox::Allowance { recipient: &counted, an_hour: self.settings.letters_per_hour };
        match outbox::promise_within(client, letter, &allowance).await? {
            outbox::Asked::Promised(number) => Ok(number),
            outbox::Asked::TooMany(until) => Err(self.held(Throttled::Letter, until, letter.promised_at)),
        }
    }

    /// The refusal, with the time that is left.
    fn held(&self, what: Throttled, until: OffsetDateTime, now: OffsetDateTime) -> Fault {
        self.counters.throttled(what);
        Fault::Throttled { seconds: seconds(until, now) }
    }

    /// Forgets the failures at an account whose password is another one now, and at its names.
    pub(super) async fn forget(
        client: &impl GenericClient,
        account: AccountId,
    ) -> Result<(), store::StoreError> {
        let names = store::accounts::names(client, account).await?;
        let mut subjects = vec![store::accounts::account_subject(account)];
        subjects.extend(names.iter().map(|name| name_subject(name)));
        store::throttle::forget(client, &subjects).await
    }
}

/// Who asks for a letter, and so what it is counted against.
#[derive(Clone, Copy)]
pub(super) enum Asking {
    /// Anybody: against the recipient.
    Stranger,
    /// Somebody signed in, for an address of their own: against them, whatever addresses they name.
    Holder(AccountId),
    /// Somebody who may write to others: against them and the recipient, so that strangers don't use it up.
    Permitted(AccountId),
    /// Whoever runs the installation: not counted.
    Operator,
}

impl Asking {
    /// Of whoever an actor is.
    pub(super) fn of(actor: Actor<'_>) -> Self {
        actor.account().map_or(Self::Operator, Self::Permitted)
    }

    /// What is counted; no recipient that somebody types holds a NUL.
    fn subject(self, recipient: &str) -> Option<Digest> {
        let recipient = recipient.to_lowercase();
        let text = match self {
            Self::Stranger => recipient,
            Self::Holder(AccountId(id)) => format!("asked by\0{id}"),
            Self::Permitted(AccountId(id)) => format!("asked by\0{id}\0{recipient}"),
            Self::Operator => return None,
        };
        Some(Digest::of(text.as_bytes()))
    }
}

/// Whole seconds until then, at least one.
fn seconds(until: OffsetDateTime, now: OffsetDateTime) -> u32 {
    u32::try_from((until - now).whole_milliseconds()).unwrap_or(0).div_ceil(1000).max(1)
}
