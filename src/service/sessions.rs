//! Signing in and out, and knowing who calls.

mod again;
mod own;

use time::OffsetDateTime;

use self::again::Again;
use super::{
    Core, Fault, Origin, SignInName, arrivals,
    audit::Act,
    fault::store_faults,
    verification::{self, Claim, Verified},
};
use crate::{
    domain::{
        Account, AccountId, AuditKind, AuthTokenId, EmailAddress, PasswordHash, Permission, SessionId,
        SessionToken, TokenFamilyId,
    },
    store::{self, audit::Written, sessions::NewSession},
};

/// Opens, finds and ends sessions.
#[derive(Clone)]
pub struct Sessions {
    core: Core,
    again: Again,
}

/// A session that was just opened.
pub struct SignedIn {
    /// For the client only.
    pub token: SessionToken,
    /// Who signed in.
    pub username: String,
    /// When the session ends unless it is renewed.
    pub good_until: OffsetDateTime,
}

/// Somebody who proved to be the holder of an account.
pub(super) struct Arrival<'a> {
    pub account: AccountId,
    /// Where the holder's mail goes.
    pub email: Option<&'a EmailAddress>,
    /// The stored hash of the password that was shown; none where it was none.
    pub hash: Option<&'a PasswordHash>,
    /// Whether this place and program were noted today.
    pub noted: bool,
}

/// A session whose transaction is not committed yet.
pub(super) struct Opening {
    account: AccountId,
    token: SessionToken,
    /// Whether the account's last sign-in is to be noted anew, after the commit.
    to_be_noted: bool,
}

/// What a caller came with; a change of one's own password lets it go on and ends all the rest.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Proof {
    /// A session.
    Session(SessionId),
    /// An access token, by the family it belongs to.
    AccessToken(TokenFamilyId),
    /// The one token of an account in a contract.
    AuthToken(AuthTokenId),
}

/// Whoever makes a request with live credentials.
pub struct Caller {
    /// The credentials.
    pub proof: Proof,
    /// The holder, with role and tenant, as they are at this moment.
    pub account: Account,
    /// When the credentials end unless they are renewed again.
    pub good_until: OffsetDateTime,
    /// How many change-log rows the holder has written, where that was looked up along.
    pub change_log: Option<i64>,
}

impl Caller {
    /// Those of the permissions that the holder's role does not grant.
    pub fn lacks(&self, needed: &[&'static str]) -> Vec<&'static str> {
        let role = self.account.role.as_ref();
        let granted = |name| role.is_some_and(|role| role.grants(&Permission::named(name)));
        needed.iter().copied().filter(|name| !granted(*name)).collect()
    }
}

/// Why a sign-in was refused.
#[derive(Debug, thiserror::Error)]
pub enum SignInError {
    /// No such name, no such password, or an account that may not sign in: deliberately one case.
    #[error("no account matches")]
    Refused,
    /// No outcome.
    #[error(transparent)]
    Internal(#[from] Fault),
}

store_faults!(SignInError);

impl Sessions {
    pub(super) fn new(core: Core) -> Self {
        Self { again: Again::new(core.clone()), core }
    }

    /// Checks a user name and a password and opens a session. Every refusal costs one hash.
    ///
    /// # Errors
    /// [`SignInError`].
    pub async fn sign_in(
        &self,
        username: &str,
        password: &str,
        origin: &Origin,
    ) -> Result<SignedIn, SignInError> {
        let visit = self.again.visit(username, password, origin);
        if let Some(visit) = &visit {
            let token = self.draw();
            if self.again.open(visit, &token).await? {
                return Ok(self.signed_in(token, username));
            }
        }
        let _guess = visit.as_ref().and_then(|visit| self.again.guess(visit));
        let note = |verified: &Verified| visit.iter().for_each(|visit| self.again.note(visit, verified));
        self.sign_in_noting(SignInName::Username(username), password, origin, note).await
    }

    /// As [`Sessions::sign_in`], in whatever way somebody says who they are.
    ///
    /// # Errors
    /// [`SignInError`].
    pub async fn sign_in_as(
        &self,
        name: SignInName<'_>,
        password: &str,
        origin: &Origin,
    ) -> Result<SignedIn, SignInError> {
        self.sign_in_noting(name, password, origin, |_| ()).await
    }

    async fn sign_in_noting(
        &self,
        name: SignInName<'_>,
        password: &str,
        origin: &Origin,
        note: impl Fn(&Verified),
    ) -> Result<SignedIn, SignInError> {
        let claim = Claim { name, password, origin, client: None };
        let open = |verified: Verified| async move {
            let arrival = Arrival {
                account: verified.account,
                email: verified.email.as_ref(),
                hash: Some(&verified.hash),
                noted: verified.noted,
            };
            let opened = self.open(arrival, &verified.username, origin).await?;
            Ok(opened.map(|signed_in| (signed_in, verified)))
        };
        let (signed_in, verified) = verification::sign_in(&self.core, &claim, open).await?;
        note(&verified);
        Ok(signed_in)
    }

    fn draw(&self) -> SessionToken {
        SessionToken::draw(|bytes| self.core.entropy.fill(bytes))
    }

    fn signed_in(&self, token: SessionToken, username: &str) -> SignedIn {
        let lifetimes = &self.core.lifetimes;
        let lifetime = lifetimes.session_at_sign_in.min(lifetimes.session_at_most);
        SignedIn { token, username: username.to_owned(), good_until: self.core.clock.now() + lifetime }
    }

    /// Opens a session; `None` when the password changed since it was verified.
    async fn open(
        &self,
        arrival: Arrival<'_>,
        username: &str,
        origin: &Origin,
    ) -> Result<Option<SignedIn>, Fault> {
        let core = &self.core;
        let mut client = core.database.client().await?;
        let tx = client.transaction().await?;
        let Some((opening, written)) = self.begin(&tx, arrival, origin).await? else { return Ok(None) };
        written.commit(tx).await?;
        core.bell.ring();
        Ok(Some(self.opened(&client, opening, username).await?))
    }

    /// Opens a session within a transaction; `None` when the password changed since it was verified.
    pub(super) async fn begin(
        &self,
        tx: &impl store::GenericClient,
        arrival: Arrival<'_>,
        origin: &Origin,
    ) -> Result<Option<(Opening, Written)>, Fault> {
        let core = &self.core;
        let now = core.clock.now();
        let token = self.draw();
        let session = NewSession {
            account: arrival.account,
            digest: &token.digest(),
            ends_at: now + core.lifetimes.session_at_most,
            address: origin.address.as_deref(),
            user_agent: origin.user_agent.as_deref(),
        };
        let Some(opened) = store::sessions::open(tx, &session, arrival.hash, now).await? else {
            return Ok(None);
        };
        let written = arrivals::note(core, tx, arrival.account, arrival.email, arrival.noted, origin).await?;
        let opening = Opening { account: arrival.account, token, to_be_noted: opened.to_be_noted };
        Ok(Some((opening, written)))
    }

    /// A session whose transaction is committed. The account's last sign-in is noted only now: two sign-ins at once
    /// would wait for each other in a circle.
    pub(super) async fn opened(
        &self,
        client: &impl store::GenericClient,
        Opening { account, token, to_be_noted }: Opening,
        username: &str,
    ) -> Result<SignedIn, Fault> {
        if to_be_noted {
            store::accounts::note_sign_in(client, account, self.core.clock.now()).await?;
        }
        Ok(self.signed_in(token, username))
    }

    /// Who holds this token, if the session is live and its holder may sign in; with the length of the holder's
    /// change log, if that is wanted.
    ///
    /// # Errors
    /// [`Fault`].
    pub async fn caller(&self, token: &SessionToken, counting: bool) -> Result<Option<Caller>, Fault> {
        let core = &self.core;
        let now = core.clock.now();
        let line = core.database.line().await?;
        let found = store::sessions::by_digest(&*line, &token.digest(), counting, now).await?;
        let Some(found) = found.filter(|found| found.account.may_sign_in()) else { return Ok(None) };
        if now - found.last_seen_at >= store::sessions::SEEN_NOTED_EVERY {
            store::sessions::seen(&core.database.client().await?, found.id, now).await?;
        }
        let good_until = found.ends_at.min(now + core.lifetimes.session_at_renewal);
        let (proof, change_log) = (Proof::Session(found.id), found.change_log);
        Ok(Some(Caller { proof, account: found.account, good_until, change_log }))
    }

    /// Ends the session that the caller came with, if it is one.
    ///
    /// # Errors
    /// [`Fault`].
    pub async fn end(&self, caller: &Caller, origin: &Origin) -> Result<(), Fault> {
        let Proof::Session(session) = caller.proof else { return Ok(()) };
        let mut client = self.core.database.client().await?;
        let tx = client.transaction().await?;
        store::sessions::end(&tx, session).await?;
        let act = Act::of_holder(AuditKind::SignedOut, caller.account.id, origin);
        let written = act.put_down(&tx, self.core.clock.now()).await?;
        written.commit(tx).await?;
        Ok(())
    }
}
