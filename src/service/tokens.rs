//! The contracts in which an account has one opaque token: signing in for it, knowing who calls, signing out.

use time::Duration;

use super::{
    Caller, Core, Fault, Origin, Proof, SignInError, SignInName, arrivals,
    audit::Act,
    verification::{self, Claim, Verified},
};
use crate::{
    domain::{Account, AuditKind, AuthToken},
    store::{self, auth_tokens::NewToken},
};

/// Issues, finds and ends tokens.
#[derive(Clone)]
pub struct Tokens {
    core: Core,
}

/// How a contract hands tokens out.
#[derive(Clone, Copy)]
pub struct TokenTerms {
    /// The contract's name; a token is good in no other.
    pub dialect: &'static str,
    /// How long a token lives; `None` is until it is replaced or ended.
    pub lifetime: Option<Duration>,
}

/// A token that was just issued.
pub struct Issued {
    /// For the client only.
    pub token: AuthToken,
    /// Whose it is.
    pub account: Account,
}

impl Tokens {
    pub(super) fn new(core: Core) -> Self {
        Self { core }
    }

    /// Checks a name and a password and issues a token; the earlier one of this contract ends.
    ///
    /// # Errors
    /// [`SignInError`].
    pub async fn sign_in(
        &self,
        name: SignInName<'_>,
        password: &str,
        terms: TokenTerms,
        origin: &Origin,
    ) -> Result<Issued, SignInError> {
        let claim = Claim { name, password, origin, client: None };
        verification::sign_in(&self.core, &claim, |verified| self.issue(verified, terms, origin)).await
    }

    async fn issue(
        &self,
        verified: Verified,
        terms: TokenTerms,
        origin: &Origin,
    ) -> Result<Option<Issued>, Fault> {
        let now = self.core.clock.now();
        let token = AuthToken::draw(|bytes| self.core.entropy.fill(bytes));
        let row = NewToken {
            account: verified.account,
            dialect: terms.dialect,
            digest: &token.digest(),
            expires_at: terms.lifetime.map(|lifetime| now + lifetime),
        };
        let mut client = self.core.database.client().await?;
        let tx = client.transaction().await?;
        if !store::auth_tokens::issue(&tx, &row, &verified.hash, now).await? {
            return Ok(None);
        }
        let (account, email) = (verified.account, verified.email.as_ref());
        let written = arrivals::note(&self.core, &tx, account, email, verified.noted, origin).await?;
        let account = store::accounts::by_id(&tx, account).await?;
        written.commit(tx).await?;
        self.core.bell.ring();
        Ok(account.map(|account| Issued { token, account }))
    }

    /// Who holds this token, if it is good in this contract and its holder may sign in.
    ///
    /// # Errors
    /// [`Fault`].
    pub async fn caller(&self, token: &AuthToken, dialect: &str) -> Result<Option<Caller>, Fault> {
        let now = self.core.clock.now();
        let client = self.core.database.client().await?;
        let found = store::auth_tokens::by_digest(&client, &token.digest(), dialect, now).await?;
        let found = found.filter(|found| found.account.may_sign_in());
        Ok(found.map(|found| Caller {
            proof: Proof::AuthToken(found.id),
            account: found.account,
            good_until: found.expires_at.unwrap_or(now + FOREVER),
            change_log: None,
        }))
    }

    /// Ends a token, if it is one of this contract.
    ///
    /// # Errors
    /// [`Fault`].
    pub async fn end(&self, token: &AuthToken, dialect: &str) -> Result<(), Fault> {
        let client = self.core.database.client().await?;
        Ok(store::auth_tokens::end(&client, &token.digest(), dialect).await?)
    }

    /// Ends the token that the caller came with, if it is one.
    ///
    /// # Errors
    /// [`Fault`].
    pub async fn end_callers(&self, caller: &Caller, origin: &Origin) -> Result<(), Fault> {
        let Proof::AuthToken(id) = caller.proof else { return Ok(()) };
        let mut client = self.core.database.client().await?;
        let tx = client.transaction().await?;
        store::auth_tokens::end_by_id(&tx, id).await?;
        let act = Act::of_holder(AuditKind::SignedOut, caller.account.id, origin);
        let written = act.put_down(&tx, self.core.clock.now()).await?;
        written.commit(tx).await?;
        Ok(())
    }
}

/// What is told of tokens that have no end of their own.
const FOREVER: Duration = Duration::weeks(52);
