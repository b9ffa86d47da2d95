//! The audit trail: written in the transaction of the act, read by those who may.

use serde_json::Value;
use time::OffsetDateTime;

use super::{Actor, Core, Errand, Fault, HelpError, Origin};
use crate::{
    domain::{AccountId, AuditKind},
    store::{
        self, GenericClient, StoreError,
        audit::{NewEvent, Written},
    },
};

pub use crate::store::audit::{AuditEvent, AuditFilter};

/// Shows the trail.
#[derive(Clone)]
pub struct Audit {
    core: Core,
}

impl Audit {
    pub(super) fn new(core: Core) -> Self {
        Self { core }
    }

    /// The newest events that concern an account, the newest first.
    ///
    /// # Errors
    /// [`HelpError::NoSuchUser`] when the account is beyond the actor's reach.
    pub async fn of_account(
        &self,
        actor: Actor<'_>,
        account: AccountId,
        before: Option<i64>,
        limit: i64,
    ) -> Result<Vec<AuditEvent>, HelpError> {
        let client = self.core.database.client().await?;
        let found = store::accounts::by_id(&client, account).await?.ok_or(HelpError::NoSuchUser)?;
        let is_own = actor.account() == Some(account);
        if !is_own && !actor.reaches(&client, found.tenant.id).await? {
            return Err(HelpError::NoSuchUser);
        }
        let filter = AuditFilter { account: Some(account), before, ..AuditFilter::default() };
        Ok(store::audit::list(&client, &filter, limit).await?)
    }

    /// The newest events of all, for operators at the command line, the newest first.
    ///
    /// # Errors
    /// [`Fault`].
    pub async fn all(&self, filter: &AuditFilter, limit: i64) -> Result<Vec<AuditEvent>, Fault> {
        let client = self.core.database.client().await?;
        Ok(store::audit::list(&client, filter, limit).await?)
    }
}

/// Something that happens, until the transaction in which it does is committed.
pub(super) struct Act<'a> {
    kind: AuditKind,
    account: Option<AccountId>,
    actor: Option<AccountId>,
    dialect: &'a str,
    address: Option<&'a str>,
    detail: Option<Value>,
}

impl<'a> Act<'a> {
    /// Something that a stranger does, or the holder of the account without being signed in.
    pub(super) fn of_stranger(kind: AuditKind, account: Option<AccountId>, origin: &'a Origin) -> Self {
        let (dialect, address) = (origin.dialect, origin.address.as_deref());
        Self { kind, account, actor: None, dialect, address, detail: None }
    }

    /// Something that the holder of an account does to it.
    pub(super) fn of_holder(kind: AuditKind, account: AccountId, origin: &'a Origin) -> Self {
        Self { actor: Some(account), ..Self::of_stranger(kind, Some(account), origin) }
    }

    /// Something that somebody does on an errand.
    pub(super) fn of(kind: AuditKind, account: Option<AccountId>, errand: &Errand<'a>) -> Self {
        let (dialect, address) = (errand.origin.dialect, errand.origin.address.as_deref());
        Self { kind, account, actor: errand.actor.account(), dialect, address, detail: None }
    }

    /// Done with the sign-in of this account.
    pub(super) fn by(mut self, actor: Option<AccountId>) -> Self {
        self.actor = actor;
        self
    }

    /// With more about it. Nothing secret, and nothing that a stranger typed.
    pub(super) fn with(mut self, detail: Value) -> Self {
        self.detail = Some(detail);
        self
    }

    /// Puts it down. It is told after the commit.
    pub(super) async fn put_down(
        &self,
        tx: &impl GenericClient,
        now: OffsetDateTime,
    ) -> Result<Written, StoreError> {
        store::audit::write(tx, &self.event(), now).await
    }

    /// As it is put down.
    pub(super) fn event(&self) -> NewEvent<'_> {
        NewEvent {
            kind: self.kind,
            account: self.account,
            actor: self.actor,
            dialect: self.dialect,
            address: self.address,
            detail: self.detail.as_ref(),
        }
    }
}
