//! Signing in and out, and knowing who calls.

mod own;

use time::OffsetDateTime;

use super::{
    Core, Fault, Origin, SignInName,
    verification::{self, Claim, Verified},
};
use crate::{
    domain::{Account, AccountId, AuthTokenId, PasswordHash, SessionId, SessionToken, TokenFamilyId},
    store::{self, sessions::NewSession},
};

/// Opens, finds and ends sessions.
#[derive(Clone)]
pub struct Sessions {
    core: Core,
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

impl Sessions {
    pub(super) fn new(core: Core) -> Self {
        Self { core }
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
        let address = origin.address.as_deref();
        let claim = Claim { name: SignInName::Username(username), password, address };
        let open = |Verified { account, hash, .. }| async move {
            self.open(account, username, Some(&hash), origin).await
        };
        verification::sign_in(&self.core, &claim, open).await
    }

    /// Opens a session; `None` when the password changed since it was verified.
    pub(super) async fn open(
        &self,
        account: AccountId,
        username: &str,
        verified: Option<&PasswordHash>,
        origin: &Origin,
    ) -> Result<Option<SignedIn>, Fault> {
        let core = &self.core;
        let now = core.clock.now();
        let token = SessionToken::draw(|bytes| core.entropy.fill(bytes));
        let session = NewSession {
            account,
            digest: &token.digest(),
            ends_at: now + core.lifetimes.session_at_most,
            address: origin.address.as_deref(),
            user_agent: origin.user_agent.as_deref(),
        };
        let client = core.database.client().await?;
        let opened = store::sessions::open(&client, &session, verified, now).await?;
        let good_until = now + core.lifetimes.session_at_sign_in.min(core.lifetimes.session_at_most);
        Ok(opened.then(|| SignedIn { token, username: username.to_owned(), good_until }))
    }

    /// Who holds this token, if the session is live and its holder may sign in.
    ///
    /// # Errors
    /// [`Fault`].
    pub async fn caller(&self, token: &SessionToken) -> Result<Option<Caller>, Fault> {
        let core = &self.core;
        let now = core.clock.now();
        let client = core.database.client().await?;
        let found = store::sessions::by_digest(&client, &token.digest(), now).await?;
        let allowed = |found: &store::sessions::Found| {
            found.account.role.as_ref().is_some_and(crate::domain::Role::may_sign_in)
        };
        let Some(found) = found.filter(allowed) else { return Ok(None) };
        if now - found.last_seen_at >= store::sessions::SEEN_NOTED_EVERY {
            store::sessions::seen(&client, found.id, now).await?;
        }
        let good_until = found.ends_at.min(now + core.lifetimes.session_at_renewal);
        Ok(Some(Caller { proof: Proof::Session(found.id), account: found.account, good_until }))
    }

    /// Ends the session that the caller came with, if it is one.
    ///
    /// # Errors
    /// [`Fault`].
    pub async fn end(&self, caller: &Caller) -> Result<(), Fault> {
        let Proof::Session(session) = caller.proof else { return Ok(()) };
        let client = self.core.database.client().await?;
        Ok(store::sessions::end(&client, session).await?)
    }
}
