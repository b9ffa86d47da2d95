//! Signing in and out, and knowing who calls.

use time::OffsetDateTime;

use super::{Core, Fault, Origin};
use crate::{
    domain::{Account, AccountId, Password, PasswordAttempt, PasswordHash, SessionId, SessionToken},
    ports::Verdict,
    store::{self, accounts::Credentials, sessions::NewSession},
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

/// Whoever makes a request with a live session.
pub struct Caller {
    /// The session's identity.
    pub session: SessionId,
    /// The holder, with role and tenant, as they are at this moment.
    pub account: Account,
    /// When the session ends unless it is renewed again.
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
        let Some(attempt) = PasswordAttempt::parse(password) else { return Err(SignInError::Refused) };
        // Twice, because another sign-in may improve the stored hash between the check and the session.
        for _ in 0..2 {
            let (account, verified, rehash) = self.verify(username, attempt.clone()).await?;
            let Some(signed_in) = self.open(account, username, Some(&verified), origin).await? else {
                continue;
            };
            if rehash && let Err(fault) = self.improve(account, &verified, password).await {
                tracing::warn!(%fault, "a password of an older scheme was not hashed anew; the next sign-in will");
            }
            return Ok(signed_in);
        }
        Err(SignInError::Refused)
    }

    async fn verify(
        &self,
        username: &str,
        attempt: PasswordAttempt,
    ) -> Result<(AccountId, PasswordHash, bool), SignInError> {
        let found = match username.contains('\0') {
            true => None,
            false => {
                let client = self.core.database.client().await.map_err(Fault::from)?;
                store::accounts::credentials(&client, username).await.map_err(Fault::from)?
            }
        };
        let open = found.filter(may_sign_in).and_then(|found| Some((found.account, found.hash?)));
        let hash = open.as_ref().map(|(_, hash)| hash.clone());
        match (self.core.hasher.verify(attempt, hash).await.map_err(Fault::from)?, open) {
            (Verdict::Right { rehash }, Some((account, hash))) => Ok((account, hash, rehash)),
            _ => Err(SignInError::Refused),
        }
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

    /// Stores the same password in today's scheme.
    async fn improve(
        &self,
        account: AccountId,
        verified: &PasswordHash,
        password: &str,
    ) -> Result<(), Fault> {
        let Some(password) = Password::already_accepted(password) else { return Ok(()) };
        let better = self.core.hasher.hash(password).await?;
        let client = self.core.database.client().await?;
        store::accounts::rehash(&client, account, verified, &better).await?;
        Ok(())
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
        Ok(Some(Caller { session: found.id, account: found.account, good_until }))
    }

    /// Ends a session.
    ///
    /// # Errors
    /// [`Fault`].
    pub async fn end(&self, session: SessionId) -> Result<(), Fault> {
        let client = self.core.database.client().await?;
        Ok(store::sessions::end(&client, session).await?)
    }
}

fn may_sign_in(found: &Credentials) -> bool {
    found.tenant_active && found.role.as_ref().is_some_and(crate::domain::Role::may_sign_in)
}
