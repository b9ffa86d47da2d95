//! News about an account that its holder should have, whoever brought it about.

use serde_json::json;
use time::OffsetDateTime;

use super::{Origin, audit::Act};
use crate::{
    domain::{Account, AccountId, AuditKind, EmailAddress, LetterKind},
    store::{self, GenericClient, StoreError, audit::Written, outbox},
};

/// How long a notice is worth delivering.
const LIFETIME: time::Duration = time::Duration::hours(24);

/// A notice about an account.
pub(super) struct Notice<'a> {
    pub kind: LetterKind,
    pub account: AccountId,
    /// An address that the account has, or had.
    pub to: &'a EmailAddress,
    /// The contract, for the letter's words.
    pub dialect: &'a str,
    pub origin: &'a Origin,
}

/// Promises a notice.
pub(super) async fn promise(
    tx: &impl GenericClient,
    notice: &Notice<'_>,
    now: OffsetDateTime,
) -> Result<(), StoreError> {
    let letter = notice.origin.promise(notice.kind, notice.to.as_str(), now, LIFETIME);
    let letter = outbox::Promise { dialect: notice.dialect, account: Some(notice.account), ..letter };
    outbox::promise(tx, &letter).await?;
    Ok(())
}

/// The right to sign in was taken away: puts it down and tells the holder.
pub(super) async fn disabled(
    tx: &impl GenericClient,
    account: AccountId,
    actor: Option<AccountId>,
    origin: &Origin,
    now: OffsetDateTime,
) -> Result<Written, StoreError> {
    if let Some(holder) = store::addressees::of(tx, account).await? {
        let email = EmailAddress::stored(holder.email);
        let (kind, to, dialect) = (LetterKind::AccountDisabled, &email, origin.dialect);
        promise(tx, &Notice { kind, account, to, dialect, origin }, now).await?;
    }
    let act = Act::of_stranger(AuditKind::AccountDisabled, Some(account), origin);
    act.by(actor).put_down(tx, now).await
}

/// An account was changed: puts down which fields, and tells the holder what the holder should know.
pub(super) async fn changed(
    tx: &impl GenericClient,
    before: &Account,
    after: &Account,
    actor: Option<AccountId>,
    origin: &Origin,
    now: OffsetDateTime,
) -> Result<Written, StoreError> {
    let fields = fields_that_differ(before, after);
    let mut written = Written::default();
    // A new address has an event of its own.
    if fields != ["email"] {
        let act = Act::of_stranger(AuditKind::AccountChanged, Some(after.id), origin).by(actor);
        written = act.with(json!({ "fields": fields })).put_down(tx, now).await?;
    }
    if before.email != after.email {
        let former = before.email.as_ref();
        written = written.and(email_changed(tx, after.id, former, actor, origin, now).await?);
    }
    if before.may_sign_in() && !after.may_sign_in() {
        written = written.and(disabled(tx, after.id, actor, origin, now).await?);
    }
    Ok(written)
}

fn fields_that_differ(before: &Account, after: &Account) -> Vec<&'static str> {
    let role = |account: &Account| account.role.as_ref().map(|role| role.id);
    let fields = [
        ("username", before.username != after.username),
        ("email", before.email != after.email),
        ("full_name", before.full_name != after.full_name),
        ("role", role(before) != role(after)),
        ("tenant", before.tenant.id != after.tenant.id),
        ("new_user", before.new_user != after.new_user),
        ("ucdn", before.ucdn != after.ucdn),
        ("profile", before.profile != after.profile),
    ];
    fields.into_iter().filter_map(|(name, differs)| differs.then_some(name)).collect()
}

/// The account has another address: puts it down and tells the former one, if there was one.
async fn email_changed(
    tx: &impl GenericClient,
    account: AccountId,
    former: Option<&EmailAddress>,
    actor: Option<AccountId>,
    origin: &Origin,
    now: OffsetDateTime,
) -> Result<Written, StoreError> {
    if let Some(former) = former {
        let (kind, dialect) = (LetterKind::EmailChanged, origin.dialect);
        promise(tx, &Notice { kind, account, to: former, dialect, origin }, now).await?;
    }
    let act = Act::of_stranger(AuditKind::EmailChanged, Some(account), origin);
    act.by(actor).put_down(tx, now).await
}
