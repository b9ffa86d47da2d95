//! Who acts, on what authority, and in which contract.

use time::OffsetDateTime;

use super::{
    Caller, LogWords, Origin, Proof,
    authority::{self, Lacking},
};
use crate::{
    domain::{Account, AccountId, Permission, Role, Tenant, TenantId},
    store::{self, GenericClient, StoreError},
};

/// Who changes something.
#[derive(Clone, Copy)]
pub enum Actor<'a> {
    /// The holder of an account, who hands on no more than they hold.
    Account(&'a Account),
    /// Whoever may reach the database, at the command line: bounded by nothing.
    Operator,
}

impl Actor<'_> {
    /// The account whose tenant bounds what is seen; none for an operator.
    pub(super) fn tenant(self) -> Option<TenantId> {
        match self {
            Self::Account(account) => Some(account.tenant.id),
            Self::Operator => None,
        }
    }

    /// Whether the actor holds all of these permissions.
    pub(super) fn holds_all(self, permissions: &[Permission]) -> Result<(), Lacking> {
        match self {
            Self::Account(account) => authority::holds_all(account.role.as_ref(), permissions),
            Self::Operator => Ok(()),
        }
    }

    /// Whether the actor may give this role to others.
    pub fn may_give(self, role: &Role) -> bool {
        self.covers(role).is_ok()
    }

    /// Whether the actor may make, change or remove this role.
    pub(super) fn covers(self, role: &Role) -> Result<(), Lacking> {
        match self {
            Self::Account(account) => authority::covers(account.role.as_ref(), role),
            Self::Operator => Ok(()),
        }
    }

    /// The level that 3.x shows for the actor; it bounds the levels that the actor may write, and nothing else.
    pub(super) fn level(self) -> i64 {
        match self {
            Self::Account(account) => account.role.as_ref().map_or(0, |role| role.priv_level),
            Self::Operator => i64::MAX,
        }
    }

    /// Whether the actor may act in this tenant.
    pub(super) async fn reaches(
        self,
        client: &impl GenericClient,
        tenant: TenantId,
    ) -> Result<bool, StoreError> {
        match self {
            Self::Account(account) => {
                Ok(authority::tenant_in_reach(client, account, tenant).await?.is_some())
            }
            Self::Operator => Ok(store::tenants::by_id(client, tenant).await?.is_some()),
        }
    }

    /// The tenant, if the actor may act in it.
    pub(super) async fn reached(
        self,
        client: &impl GenericClient,
        tenant: TenantId,
    ) -> Result<Option<Tenant>, StoreError> {
        match self {
            Self::Account(account) => authority::tenant_in_reach(client, account, tenant).await,
            Self::Operator => Ok(store::tenants::by_id(client, tenant).await?.map(|node| node.tenant)),
        }
    }

    /// The account, if it is one.
    pub(super) fn account(self) -> Option<AccountId> {
        match self {
            Self::Account(account) => Some(account.id),
            Self::Operator => None,
        }
    }

    /// Writes the change log. Its rows belong to accounts, so an operator leaves none.
    pub(super) async fn log(
        self,
        client: &impl GenericClient,
        message: &str,
        now: OffsetDateTime,
    ) -> Result<(), StoreError> {
        match self {
            Self::Account(account) => store::log::write(client, account.id, message, now).await,
            Self::Operator => Ok(()),
        }
    }
}

/// By whom, and in which contract, something is asked for.
#[derive(Clone, Copy)]
pub struct Errand<'a> {
    /// Whose permissions and tenant count.
    pub actor: Actor<'a>,
    /// What the actor came with, where that is to go on though the actor's own password is changed.
    pub proof: Option<Proof>,
    /// The words for the change log.
    pub words: LogWords,
    /// Where the request came from, for letters and the audit trail.
    pub origin: &'a Origin,
}

impl<'a> Errand<'a> {
    /// Of somebody who is signed in.
    pub fn of_caller(caller: &'a Caller, words: LogWords, origin: &'a Origin) -> Self {
        let (actor, proof) = (Actor::Account(&caller.account), Some(caller.proof));
        Self { actor, proof, words, origin }
    }

    /// Of whoever may reach the database, at the command line.
    pub fn of_operator(origin: &'a Origin) -> Self {
        Self { actor: Actor::Operator, proof: None, words: LogWords::Plain, origin }
    }
}
