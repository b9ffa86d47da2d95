//! Whether a name and a password belong together, whichever contract asks.

use super::{Core, Fault, SignInError, endings, passwords};
use crate::{
    domain::{Account, AccountId, GeneratedPassword, PasswordAttempt, PasswordHash, Role},
    ports::Verdict,
    store::{self, StoreError, accounts::Credentials},
};

/// How somebody who signs in says who they are.
#[derive(Clone, Copy)]
pub enum SignInName<'a> {
    /// By user name, with case.
    Username(&'a str),
    /// By e-mail address, without case.
    Email(&'a str),
}

/// What somebody claims.
pub(super) struct Claim<'a> {
    /// Who they say they are.
    pub name: SignInName<'a>,
    /// The password, as typed.
    pub password: &'a str,
    /// The client's address, for the notice when a mailed password becomes the account's own.
    pub address: Option<&'a str>,
}

/// A claim that is true.
#[derive(Clone)]
pub(super) struct Verified {
    /// Whose the password is.
    pub account: AccountId,
    /// The stored hash that it fits.
    pub hash: PasswordHash,
    rehash: bool,
}

/// Checks a claim and opens what the contract opens for it. Every refusal costs one hash.
///
/// `open` says `None` when the password is not the verified one any more. That happens when another sign-in
/// improved the stored hash in between, so all is tried twice.
pub(super) async fn sign_in<T, O>(
    core: &Core,
    claim: &Claim<'_>,
    open: impl Fn(Verified) -> O,
) -> Result<T, SignInError>
where
    O: Future<Output = Result<Option<T>, Fault>>,
{
    let attempt = PasswordAttempt::parse(claim.password).ok_or(SignInError::Refused)?;
    for _ in 0..2 {
        let verified = verify(core, claim, attempt.clone()).await?;
        let Some(opened) = open(verified.clone()).await? else { continue };
        if verified.rehash
            && let Err(fault) = improve(core, &verified, attempt).await
        {
            tracing::warn!(%fault, "a password of an older scheme was not hashed anew; the next sign-in will");
        }
        return Ok(opened);
    }
    Err(SignInError::Refused)
}

async fn verify(core: &Core, claim: &Claim<'_>, attempt: PasswordAttempt) -> Result<Verified, SignInError> {
    let found = found(core, claim.name).await.map_err(Fault::from)?.filter(may_sign_in);
    let hash = found.as_ref().and_then(|found| found.hash.clone());
    let verdict = core.hasher.verify(attempt.clone(), hash.clone()).await.map_err(Fault::from)?;
    match (verdict, found, hash) {
        (Verdict::Right { rehash }, Some(found), Some(hash)) => {
            Ok(Verified { account: found.account, hash, rehash })
        }
        (_, found, _) => match GeneratedPassword::parse(attempt.typed()) {
            Some(mailed) => promoted(core, found, mailed, claim.address).await,
            None => Err(SignInError::Refused),
        },
    }
}

async fn found(core: &Core, name: SignInName<'_>) -> Result<Option<Credentials>, StoreError> {
    let (SignInName::Username(text) | SignInName::Email(text)) = name;
    if text.contains('\0') {
        return Ok(None);
    }
    let client = core.database.client().await?;
    match name {
        SignInName::Username(username) => store::accounts::credentials(&client, username).await,
        SignInName::Email(email) => store::accounts::credentials_at(&client, email).await,
    }
}

fn may_sign_in(found: &Credentials) -> bool {
    found.tenant_active && found.role.as_ref().is_some_and(Role::may_sign_in)
}

/// No account has this identity: whoever is unknown costs the same look as whoever is known.
const NOBODY: AccountId = AccountId(0);

/// Makes a mailed password the account's own: from here on it is hashed like any other, and whatever the old one
/// opened has ended (DESIGN section 2, `POST /v1/users/reset`).
async fn promoted(
    core: &Core,
    found: Option<Credentials>,
    mailed: GeneratedPassword,
    address: Option<&str>,
) -> Result<Verified, SignInError> {
    let account = found.as_ref().map_or(NOBODY, |found| found.account);
    let (now, digest) = (core.clock.now(), mailed.digest());
    let is_good = {
        let client = core.database.client().await.map_err(Fault::from)?;
        store::temporary_passwords::is_good(&client, account, &digest, now).await.map_err(Fault::from)?
    };
    let (Some(found), Some(password), true) = (found, mailed.into_password(), is_good) else {
        return Err(SignInError::Refused);
    };
    let hash = core.hasher.hash(password).await.map_err(Fault::from)?;
    let mut client = core.database.client().await.map_err(Fault::from)?;
    let tx = client.transaction().await.map_err(Fault::from)?;
    endings::take(&tx, account).await.map_err(Fault::from)?;
    let used = store::temporary_passwords::consume(&tx, account, &digest, now).await.map_err(Fault::from)?;
    let Some(dialect) = used else { return Err(SignInError::Refused) };
    let change = passwords::Change {
        account,
        // Without an old password nothing changes for the holder: the letter said so already.
        email: found.email.as_ref().filter(|_| found.hash.is_some()),
        hash: &hash,
        keep: None,
        dialect: &dialect,
        address,
    };
    passwords::replace(&tx, &change, now).await.map_err(Fault::from)?;
    tx.commit().await.map_err(Fault::from)?;
    core.bell.ring();
    Ok(Verified { account, hash, rehash: false })
}

/// Whether a text is the password of an account, or one that was mailed to it. Nothing is used up.
pub(super) async fn is_password_of(core: &Core, account: &Account, typed: &str) -> Result<bool, Fault> {
    let Some(attempt) = PasswordAttempt::parse(typed) else { return Ok(false) };
    let hash = found(core, SignInName::Username(account.username.as_str())).await?;
    let hash = hash.filter(|found| found.account == account.id).and_then(|found| found.hash);
    if let Verdict::Right { .. } = core.hasher.verify(attempt, hash).await? {
        return Ok(true);
    }
    let Some(mailed) = GeneratedPassword::parse(typed) else { return Ok(false) };
    let (client, now) = (core.database.client().await?, core.clock.now());
    Ok(store::temporary_passwords::is_good(&client, account.id, &mailed.digest(), now).await?)
}

/// Stores the same password in today's scheme.
async fn improve(core: &Core, verified: &Verified, attempt: PasswordAttempt) -> Result<(), Fault> {
    let better = core.hasher.hash(attempt.into_password_in_force()).await?;
    let client = core.database.client().await?;
    Ok(store::accounts::rehash(&client, verified.account, &verified.hash, &better).await?)
}
