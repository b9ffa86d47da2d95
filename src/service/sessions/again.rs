//! Programs that come again and again by the thousand, with the same name and password from the same place. Those that
//! come at one time are judged and signed in by one transaction; whoever is not quite as plain as that goes the long
//! way ([`verification`](crate::service::verification)).

use std::sync::Arc;

use crate::{
    domain::{AccountId, Digest, PasswordHash, SessionToken},
    ports::{Recent, hasher::Guess, recent::Tag},
    service::{Core, Fault, Origin, arrivals, audit::Act, together::Together, verification::Verified},
    store::{
        self,
        accounts::place_subject,
        sessions::{Outcomes, PlainSignIn},
    },
};

/// Who signed in a moment ago.
#[derive(Clone)]
pub(super) struct Again {
    core: Core,
    holders: Arc<Recent<Holder>>,
    rounds: Together<Job, Result<bool, Fault>>,
}

/// Whose name and password it was.
#[derive(Clone)]
struct Holder {
    account: AccountId,
    verified: PasswordHash,
}

/// A program at a place with a name and a password.
pub(super) struct Visit<'a> {
    username: &'a str,
    place: String,
    program: Digest,
    origin: &'a Origin,
    tag: Tag,
}

struct Job {
    holder: Holder,
    username: String,
    token: Digest,
    place: String,
    program: Digest,
    origin: Origin,
}

impl Again {
    pub(super) fn new(core: Core) -> Self {
        let span = core.lifetimes.verified_password;
        let holders = Arc::new(Recent::new(span, core.clock.clone(), &*core.entropy));
        let round_of = core.clone();
        let rounds = Together::new(move |jobs| round(round_of.clone(), jobs));
        Self { core, holders, rounds }
    }

    /// A visit as it may come again; `None` where the client's place is not known.
    pub(super) fn visit<'a>(
        &self,
        username: &'a str,
        password: &str,
        origin: &'a Origin,
    ) -> Option<Visit<'a>> {
        let (place, program) = (arrivals::place(origin)?, arrivals::program(origin));
        let parts = [username.as_bytes(), password.as_bytes(), place.as_bytes(), &program.0];
        let tag = self.holders.tag(&parts);
        Some(Visit { username, place, program, origin, tag })
    }

    /// Opens a session with this token for whoever was there a moment ago; whether that went as plainly. While somebody
    /// may be guessing it does not: the right one of many guesses would be known before the wrong ones count.
    pub(super) async fn open(&self, visit: &Visit<'_>, token: &SessionToken) -> Result<bool, Fault> {
        let Some(found) = self.holders.get(&visit.tag) else { return Ok(false) };
        if self.core.hasher.is_guessed_at(visit.username, &found.what.verified) {
            return Ok(false);
        }
        self.core.throttle.admit(visit.origin, self.core.clock.now())?;
        let job = Job {
            holder: found.what,
            username: visit.username.to_owned(),
            token: token.digest(),
            place: visit.place.clone(),
            program: visit.program,
            origin: visit.origin.clone(),
        };
        self.rounds.bring(job).await.unwrap_or(Ok(false))
    }

    /// A visit that did not come before may be a guess, until this goes.
    pub(super) fn guess(&self, visit: &Visit<'_>) -> Option<Guess> {
        let known = self.holders.get(&visit.tag).is_some();
        (!known).then(|| self.core.hasher.guess_for(visit.username))
    }

    /// Somebody was verified and signed in the long way: the next time need not be as long.
    pub(super) fn note(&self, visit: &Visit<'_>, verified: &Verified) {
        if let Some(since) = verified.since {
            let holder = Holder { account: verified.account, verified: verified.hash.clone() };
            self.holders.note(visit.tag, since, holder);
        }
    }
}

async fn round(core: Core, jobs: Vec<Job>) -> Vec<Result<bool, Fault>> {
    match open(&core, &jobs).await {
        Ok(opened) => opened.into_iter().map(Ok).collect(),
        // One by one they show whose defect it is.
        Err(Fault::Broken) => vec![Ok(false); jobs.len()],
        Err(fault) => vec![Err(fault); jobs.len()],
    }
}

async fn open(core: &Core, jobs: &[Job]) -> Result<Vec<bool>, Fault> {
    let now = core.clock.now();
    let acts: Vec<_> = jobs.iter().map(|job| arrivals::signed_in(job.holder.account, &job.origin)).collect();
    let sign_ins: Vec<_> = jobs.iter().zip(&acts).map(|(job, act)| job.sign_in(core, act)).collect();
    let ends_at = now + core.lifetimes.session_at_most;
    let mut client = core.database.client().await?;
    let tx = client.transaction_of_one();
    let Outcomes { opened, to_be_noted, written } =
        store::sessions::open_plain(&tx, &sign_ins, ends_at, now).await?;
    written.commit(tx).await?;
    if !to_be_noted.is_empty() {
        store::accounts::note_sign_ins(&client, &to_be_noted, now).await?;
    }
    Ok(opened)
}

impl Job {
    fn sign_in<'a>(&'a self, core: &Core, act: &'a Act<'_>) -> PlainSignIn<'a> {
        let Holder { account, verified } = &self.holder;
        let subject = place_subject(*account, &self.place);
        PlainSignIn {
            account: *account,
            username: &self.username,
            verified,
            token: self.token,
            place: &self.place,
            program: self.program,
            user_agent: self.origin.user_agent.as_deref(),
            subject: core.throttle.counts(&self.origin).then_some(subject),
            event: act.event(),
        }
    }
}
