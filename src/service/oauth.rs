//! Tokens for clients, and for accounts that sign in through a client (RFC 6749).

use serde_json::json;
use time::{Duration, OffsetDateTime};

use super::{
    Caller, Core, Fault, KnownClient, Origin, Proof, SignInError, SignInName, arrivals,
    audit::Act,
    fault::store_faults,
    verification::{self, Claim, Verified},
};
use crate::{
    domain::{Account, AccountId, AuditKind, BearerToken, TokenFamilyId},
    store::{
        self,
        access_tokens::{NewFamily, NewToken},
    },
};

/// How long after the grant a token can be refreshed, before name and password are asked for again
/// (NIST 800-63B §4.1.3).
const REFRESHABLE_FOR: Duration = Duration::days(30);

/// Grants, refreshes and recognises tokens.
#[derive(Clone)]
pub struct Oauth {
    core: Core,
}

/// A pair of tokens, for the client only.
pub struct Granted {
    /// What requests carry.
    pub access_token: BearerToken,
    /// What gets the next pair.
    pub refresh_token: BearerToken,
    /// From then on the access token is dead.
    pub expires_at: OffsetDateTime,
    /// The time until then.
    pub lifetime: Duration,
}

/// Why no tokens were granted.
#[derive(Debug, thiserror::Error)]
pub enum GrantError {
    /// The client was removed while it asked.
    #[error("the client is not known")]
    Client,
    /// No such name, no such password, or an account that may not sign in: deliberately one case.
    #[error("no account matches")]
    Credentials,
    /// Unknown, used, too old, of another client, or of an account that may not sign in: deliberately one case.
    #[error("the refresh token is not good")]
    RefreshToken,
    /// No outcome.
    #[error(transparent)]
    Internal(#[from] Fault),
}

store_faults!(GrantError);

/// Whose a live access token is.
pub enum Bearer {
    /// The client's own: nobody's account, whatever the client is called.
    Client,
    /// An account's.
    Account(Box<Caller>),
}

impl Oauth {
    pub(super) fn new(core: Core) -> Self {
        Self { core }
    }

    /// Grants a client tokens of its own (RFC 6749 §4.4).
    ///
    /// # Errors
    /// [`GrantError::Client`], [`GrantError::Internal`].
    pub async fn to_client(&self, client: &KnownClient, lifetime: Duration) -> Result<Granted, GrantError> {
        let now = self.core.clock.now();
        let mut connection = self.core.database.client().await?;
        let tx = connection.transaction().await?;
        let family = store::access_tokens::found_for_client(&tx, &family(client, now), now).await;
        let family = family?.ok_or(GrantError::Client)?;
        let granted = self.issue(&tx, family, lifetime, now).await?;
        store::access_tokens::forget_some(&tx, now - lifetime).await?;
        tx.commit().await?;
        Ok(granted)
    }

    /// Grants tokens of an account to a client that knows its user name and password (RFC 6749 §4.3).
    ///
    /// # Errors
    /// [`GrantError::Credentials`], [`GrantError::Internal`].
    pub async fn to_account(
        &self,
        client: &KnownClient,
        username: &str,
        password: &str,
        lifetime: Duration,
        origin: &Origin,
    ) -> Result<Granted, GrantError> {
        let name = SignInName::Username(username);
        let claim = Claim { name, password, origin, client: Some(client.id()) };
        let open = |verified| self.found(client, verified, lifetime, origin);
        verification::sign_in(&self.core, &claim, open).await.map_err(refused)
    }

    /// Founds a family of tokens; `None` when the password changed since it was verified.
    async fn found(
        &self,
        client: &KnownClient,
        verified: Verified,
        lifetime: Duration,
        origin: &Origin,
    ) -> Result<Option<Granted>, Fault> {
        let now = self.core.clock.now();
        let mut connection = self.core.database.client().await?;
        let tx = connection.transaction().await?;
        let (account, hash) = (verified.account, &verified.hash);
        let founded =
            store::access_tokens::found_for_account(&tx, &family(client, now), account, hash, now).await?;
        let Some(family) = founded else { return Ok(None) };
        let granted = self.issue(&tx, family, lifetime, now).await?;
        let email = verified.email.as_ref();
        let written = arrivals::note(&self.core, &tx, account, email, verified.noted, origin).await?;
        written.commit(tx).await?;
        self.core.bell.ring();
        Ok(Some(granted))
    }

    /// Exchanges a refresh token for the next pair; the old pair dies. A refresh token that was exchanged before
    /// revokes its whole family: somebody has a copy (RFC 9700 §4.14.2).
    ///
    /// # Errors
    /// [`GrantError::RefreshToken`], [`GrantError::Internal`].
    pub async fn refresh(
        &self,
        client: &KnownClient,
        token: &BearerToken,
        lifetime: Duration,
        origin: &Origin,
    ) -> Result<Granted, GrantError> {
        let (now, digest) = (self.core.clock.now(), token.digest());
        let mut connection = self.core.database.client().await?;
        let tx = connection.transaction().await?;
        let held = store::access_tokens::hold(&tx, client.id(), &digest).await?;
        let held = held.filter(|held| held.refreshable_until > now).ok_or(GrantError::RefreshToken)?;
        if !store::access_tokens::rotate(&tx, &digest, now).await? {
            store::access_tokens::end(&tx, held.family).await?;
            let act = Act::of_stranger(AuditKind::TokenReused, held.account, origin);
            let act = act.with(json!({ "client": client.id().as_str() }));
            let written = act.put_down(&tx, now).await?;
            written.commit(tx).await?;
            tracing::warn!(
                client = client.id().as_str(),
                "a refresh token came twice: its family is revoked"
            );
            return Err(GrantError::RefreshToken);
        }
        if let Some(account) = held.account
            && !may_sign_in(&tx, account).await?
        {
            return Err(GrantError::RefreshToken);
        }
        let granted = self.issue(&tx, held.family, lifetime, now).await?;
        tx.commit().await?;
        Ok(granted)
    }

    async fn issue(
        &self,
        tx: &impl store::GenericClient,
        family: TokenFamilyId,
        lifetime: Duration,
        now: OffsetDateTime,
    ) -> Result<Granted, Fault> {
        let draw = || BearerToken::draw(|bytes| self.core.entropy.fill(bytes));
        let (access_token, refresh_token, expires_at) = (draw(), draw(), now + lifetime);
        let (digest, refresh_digest) = (&access_token.digest(), &refresh_token.digest());
        let token = NewToken { family, digest, refresh_digest, expires_at };
        store::access_tokens::insert(tx, &token, now).await?;
        Ok(Granted { access_token, refresh_token, expires_at, lifetime })
    }

    /// Whose this access token is, if it is live and its holder may sign in.
    ///
    /// # Errors
    /// [`Fault`].
    pub async fn bearer(&self, token: &BearerToken) -> Result<Option<Bearer>, Fault> {
        let client = self.core.database.client().await?;
        let found = store::access_tokens::by_digest(&client, &token.digest(), self.core.clock.now()).await?;
        let Some(found) = found else { return Ok(None) };
        let Some(account) = found.account else { return Ok(Some(Bearer::Client)) };
        let account = store::accounts::by_id(&client, account).await?.filter(Account::may_sign_in);
        let proof = Proof::AccessToken(found.family);
        let good_until = found.expires_at;
        let caller = |account| Caller { proof, account, good_until, change_log: None };
        Ok(account.map(caller).map(Box::new).map(Bearer::Account))
    }
}

fn family(client: &KnownClient, now: OffsetDateTime) -> NewFamily<'_> {
    NewFamily { client: client.id(), refreshable_until: now + REFRESHABLE_FOR }
}

/// A refresh stands for a sign-in, so it asks for what a sign-in asks for.
async fn may_sign_in(client: &impl store::GenericClient, id: AccountId) -> Result<bool, Fault> {
    let Some(account) = store::accounts::by_id(client, id).await? else { return Ok(false) };
    Ok(account.may_sign_in() && store::accounts::tenant_is_active(client, id).await?)
}

fn refused(error: SignInError) -> GrantError {
    match error {
        SignInError::Refused => GrantError::Credentials,
        SignInError::Internal(fault) => GrantError::Internal(fault),
    }
}
