//! Sign-ins: what their failures are counted under, and who has to wait.
//!
//! A name that nobody has is counted like one that somebody has, and waits alike. An account is counted under its own
//! identity besides, so that its two names don't give two tries; but whoever tries its second name is not told so, or
//! the wait would tell that both names are one person's. A place where the holder signed in before is counted by
//! itself: strangers elsewhere can't lock the holder out. Source: decision 0006.

use time::OffsetDateTime;

use super::{Throttle, seconds};
use crate::{
    domain::Digest,
    ports::Throttled,
    service::{Fault, Origin},
    store::{
        GenericClient, StoreError,
        accounts::{Credentials, Judged, account_subject, place_subject},
        throttle,
    },
};

/// What failures of one sign-in are counted under.
pub(in crate::service) struct Subjects {
    /// What whoever tries may know of, and then what they may not.
    digests: Vec<Digest>,
    /// Whether it is about a place that the holder knows: there a success of the holder ends the day's count too,
    /// or one agent with an old password would lock out all those with the new one.
    at_home: bool,
}

/// Whether a sign-in may be tried.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::service) enum Standing {
    /// It may.
    Free,
    /// It may not succeed, and must not look different from a wrong password.
    Hidden {
        /// How long this lasts, for whoever may know.
        seconds: u32,
    },
}

/// What failures with a name are counted under, in every contract. Addresses have no case, user names have: nobody
/// ends the waits of `alice` by signing in as `Alice`.
pub(in crate::service) fn name_subject(name: &str) -> Digest {
    let name = if name.contains('@') { name.to_lowercase() } else { name.to_owned() };
    Digest::of(format!("name {name}").as_bytes())
}

impl Subjects {
    /// The subjects of a sign-in with this name, whatever was found under it.
    pub(in crate::service) fn of(name: &Digest, found: Option<&Credentials>, place: Option<&str>) -> Self {
        let digests = match (found, place) {
            (Some(Credentials { account, here: Some(_), .. }), Some(place)) => {
                return Self { digests: vec![place_subject(*account, place)], at_home: true };
            }
            (Some(found), _) => vec![*name, account_subject(found.account)],
            // As many rows as for an account, so that it takes as long.
            (None, _) => vec![*name, Digest::of(&name.0)],
        };
        Self { digests, at_home: false }
    }
}

impl Throttle {
    /// Whether a sign-in may be tried that was looked up just now.
    pub(in crate::service) fn standing(
        &self,
        judged: &Judged,
        origin: &Origin,
        now: OffsetDateTime,
    ) -> Result<Standing, Fault> {
        if !self.counts(origin) {
            return Ok(Standing::Free);
        }
        let found = judged.credentials.as_ref();
        if let Some(here) = found.and_then(|found| found.here) {
            return here
                .held_until
                .map_or(Ok(Standing::Free), |until| Err(self.held(Throttled::Account, until, now)));
        }
        match (judged.name_held_until, found.and_then(|found| found.held_until)) {
            (Some(until), _) => Err(self.held(Throttled::Account, until, now)),
            (None, Some(until)) => Ok(Standing::Hidden { seconds: seconds(until, now) }),
            (None, None) => Ok(Standing::Free),
        }
    }

    /// Counts a failed sign-in, in the transaction that puts it down.
    pub(in crate::service) async fn failed(
        &self,
        client: &impl GenericClient,
        subjects: &Subjects,
        origin: &Origin,
        now: OffsetDateTime,
    ) -> Result<(), StoreError> {
        match self.counts(origin) {
            true => throttle::failed(client, &subjects.digests, self.settings.waits(), now).await,
            false => Ok(()),
        }
    }

    /// Looks again when a password was judged: of many guesses at once all were let in, and those that were judged
    /// meanwhile count. It must be asked before anybody hears whether the password was right.
    pub(in crate::service) async fn standing_now(
        &self,
        client: &impl GenericClient,
        subjects: &Subjects,
        origin: &Origin,
        now: OffsetDateTime,
    ) -> Result<Standing, Fault> {
        if !self.counts(origin) {
            return Ok(Standing::Free);
        }
        match throttle::held(client, &subjects.digests, now).await? {
            [Some(until), _] => Err(self.held(Throttled::Account, until, now)),
            [None, Some(until)] => Ok(Standing::Hidden { seconds: seconds(until, now) }),
            [None, None] => Ok(Standing::Free),
        }
    }

    /// Ends the waits that the failures before a right password brought about.
    pub(in crate::service) async fn succeeded(
        &self,
        client: &impl GenericClient,
        subjects: &Subjects,
        origin: &Origin,
    ) -> Result<(), StoreError> {
        match self.counts(origin) {
            true => throttle::relieve(client, &subjects.digests, subjects.at_home).await,
            false => Ok(()),
        }
    }
}
