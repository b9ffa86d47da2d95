//! What a changed password means, whoever changed it.

use time::OffsetDateTime;

use super::{
    Origin, Proof, Throttle,
    audit::Act,
    endings,
    notices::{self, Notice},
};
use crate::{
    domain::{AccountId, AuditKind, EmailAddress, LetterKind, PasswordHash},
    store::{self, GenericClient, StoreError, audit::Written},
};

/// A password about to be replaced.
pub(super) struct Change<'a> {
    pub account: AccountId,
    /// Where the notice goes.
    pub email: Option<&'a EmailAddress>,
    pub hash: &'a PasswordHash,
    /// What may go on: that with which the holder changes it.
    pub keep: Option<Proof>,
    /// The contract through which it is changed, for the letter's words.
    pub dialect: &'a str,
    /// Whose sign-in it is changed with.
    pub actor: Option<AccountId>,
    pub origin: &'a Origin,
}

impl<'a> Change<'a> {
    /// The least that is known of one: nobody is signed in, nothing goes on, nobody is told. Whoever knows more says so.
    pub(super) fn of(account: AccountId, hash: &'a PasswordHash, origin: &'a Origin) -> Self {
        Self { account, email: None, hash, keep: None, dialect: origin.dialect, actor: None, origin }
    }
}

/// Stores the password, ends the other sessions and tokens, voids every key, promises a notice and puts it down.
/// Failures that were counted at the account are forgotten: whoever guessed starts again.
///
/// The account must have been [taken](endings::take).
pub(super) async fn replace(
    tx: &impl GenericClient,
    change: &Change<'_>,
    now: OffsetDateTime,
) -> Result<Written, StoreError> {
    store::accounts::set_password(tx, change.account, change.hash, now).await?;
    endings::all(tx, change.account, change.keep, now).await?;
    Throttle::forget(tx, change.account).await?;
    if let Some(email) = change.email {
        let Change { account, dialect, origin, .. } = *change;
        let notice = Notice { kind: LetterKind::PasswordChanged, account, to: email, dialect, origin };
        notices::promise(tx, &notice, now).await?;
    }
    let act = Act::of_stranger(AuditKind::PasswordChanged, Some(change.account), change.origin);
    act.by(change.actor).put_down(tx, now).await
}
