//! Passwords that were drawn and mailed: each becomes the account's own when somebody signs in with it.

use super::{Verified, verified};
use crate::{
    domain::{AccountId, GeneratedPassword},
    service::{Core, Fault, Origin, SignInError, endings, passwords},
    store::{self, accounts::Credentials},
};

/// No account has this identity: whoever is unknown costs the same look as whoever is known.
const NOBODY: AccountId = AccountId(0);

/// Makes a mailed password the account's own: from here on it is hashed like any other, and whatever the old one
/// opened has ended (DESIGN section 2, `POST /v1/users/reset`).
pub(super) async fn promoted(
    core: &Core,
    found: Option<Credentials>,
    mailed: GeneratedPassword,
    origin: &Origin,
) -> Result<Verified, SignInError> {
    let account = found.as_ref().map_or(NOBODY, |found| found.account);
    let (now, digest) = (core.clock.now(), mailed.digest());
    let is_good = {
        let client = core.database.client().await?;
        store::temporary_passwords::is_good(&client, account, &digest, now).await?
    };
    let (Some(found), Some(password), true) = (found, mailed.into_password(), is_good) else {
        return Err(SignInError::Refused);
    };
    let hash = core.hasher.hash(password).await.map_err(Fault::from)?;
    let mut client = core.database.client().await?;
    let tx = client.transaction().await?;
    endings::take(&tx, account).await?;
    let used = store::temporary_passwords::consume(&tx, account, &digest, now).await?;
    let Some(dialect) = used else { return Err(SignInError::Refused) };
    let change = passwords::Change {
        // Without an old password nothing changes for the holder: the letter said so already.
        email: found.email.as_ref().filter(|_| found.hash.is_some()),
        dialect: &dialect,
        ..passwords::Change::of(account, &hash, origin)
    };
    let written = passwords::replace(&tx, &change, now).await?;
    written.commit(tx).await?;
    core.bell.ring();
    Ok(verified(found, hash, Some(now)))
}

/// Whether a text is a password that was mailed to the account and is still good. Nothing is used up.
pub(super) async fn is_mailed(core: &Core, account: AccountId, typed: &str) -> Result<bool, Fault> {
    let Some(mailed) = GeneratedPassword::parse(typed) else { return Ok(false) };
    let (client, now) = (core.database.client().await?, core.clock.now());
    Ok(store::temporary_passwords::is_good(&client, account, &mailed.digest(), now).await?)
}
