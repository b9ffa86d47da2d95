//! Tenants: the tree that bounds whom an account may act on.

use serde_json::json;
use time::OffsetDateTime;

use super::{Actor, Core, Errand, Fault, deed::Deed};
pub use crate::store::tenants::{TenantFilter, TenantOrder};
use crate::{
    domain::{AuditKind, Label, Precondition, Slice, Tenant, TenantId, TenantNode},
    store::{self, Constraint, GenericClient, StoreError, tenants::Removal},
};

/// Shows, makes, changes and removes tenants.
#[derive(Clone)]
pub struct Tenants {
    core: Core,
}

/// A tenant as somebody wants it to be.
pub struct TenantDraft {
    /// What it is called.
    pub name: Label,
    /// Whether its users, and those below it, may sign in.
    pub active: bool,
    /// The tenant it hangs under.
    pub parent: TenantId,
}

/// Why a tenant stayed as it was.
#[derive(Debug, thiserror::Error)]
pub enum TenantError {
    /// It is not there.
    #[error("no such tenant")]
    NoSuchTenant,
    /// It, or the tenant it is to hang under, is not one that the actor may act in.
    #[error("not the actor's to change")]
    OutOfReach,
    /// The root stays as it is.
    #[error("the root tenant can not be changed")]
    Root,
    /// It would hang under itself.
    #[error("the tenant would hang under itself")]
    UnderItself,
    /// Another tenant has the name.
    #[error("the name is taken")]
    NameTaken,
    /// Rows of this table belong to it.
    #[error("something still belongs to the tenant, in the table {0}")]
    HeldBy(String),
    /// It changed since the actor looked.
    #[error("the tenant has changed meanwhile")]
    Modified,
    /// No outcome.
    #[error(transparent)]
    Internal(#[from] Fault),
}

impl From<StoreError> for TenantError {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Taken(Constraint::TenantName) => Self::NameTaken,
            other => Self::Internal(other.into()),
        }
    }
}

impl Tenants {
    pub(super) fn new(core: Core) -> Self {
        Self { core }
    }

    /// Some of the actor's tenant and all below it, active or not.
    ///
    /// # Errors
    /// [`Fault`].
    pub async fn list(
        &self,
        actor: Actor<'_>,
        filter: &TenantFilter,
        slice: &Slice<TenantOrder>,
    ) -> Result<Vec<TenantNode>, Fault> {
        let client = self.core.database.client().await?;
        Ok(store::tenants::list(&client, actor.tenant(), filter, slice).await?)
    }

    /// When anything about tenants last changed.
    ///
    /// # Errors
    /// [`Fault`].
    pub async fn changed_at(&self) -> Result<OffsetDateTime, Fault> {
        let client = self.core.database.client().await?;
        Ok(store::tenants::changed_at(&client).await?)
    }

    /// Makes a tenant.
    ///
    /// # Errors
    /// [`TenantError`].
    pub async fn create(&self, errand: Errand<'_>, draft: &TenantDraft) -> Result<TenantNode, TenantError> {
        let actor = errand.actor;
        let now = self.core.clock.now();
        let mut client = self.core.database.client().await?;
        let tx = client.transaction().await?;
        store::tenants::hold_tree(&tx).await?;
        if !actor.reaches(&tx, draft.parent).await? {
            return Err(TenantError::OutOfReach);
        }
        let TenantDraft { name, active, parent } = draft;
        let id = store::tenants::insert(&tx, name.as_str(), *active, *parent, now).await?;
        let made = there(&tx, id).await?;
        let words = format!("TENANT: {name}, ID: {}, ACTION: Created tenant", id.0);
        deed(AuditKind::TenantCreated, words, &made).commit(tx, &errand, now).await?;
        Ok(made)
    }

    /// Changes a tenant, or moves it with all below it.
    ///
    /// # Errors
    /// [`TenantError`].
    pub async fn update(
        &self,
        errand: Errand<'_>,
        id: TenantId,
        draft: &TenantDraft,
        known: Precondition,
    ) -> Result<TenantNode, TenantError> {
        let actor = errand.actor;
        let now = self.core.clock.now();
        let mut client = self.core.database.client().await?;
        let tx = client.transaction().await?;
        store::tenants::hold_tree(&tx).await?;
        let present = there(&tx, id).await?;
        if !actor.reaches(&tx, id).await? {
            return Err(TenantError::OutOfReach);
        }
        if present.parent.is_none() || draft.name.as_str() == Tenant::ROOT {
            return Err(TenantError::Root);
        }
        if !actor.reaches(&tx, draft.parent).await? {
            return Err(TenantError::OutOfReach);
        }
        if !known.allows(present.last_updated) {
            return Err(TenantError::Modified);
        }
        if store::tenants::is_below(&tx, id, draft.parent).await? {
            return Err(TenantError::UnderItself);
        }
        let TenantDraft { name, active, parent } = draft;
        store::tenants::update(&tx, id, name.as_str(), *active, *parent, now).await?;
        if present.active && !active {
            store::tenants::end_all_below(&tx, id).await?;
        }
        let next = there(&tx, id).await?;
        let words = format!("TENANT: {name}, ID: {}, ACTION: Updated tenant", id.0);
        deed(AuditKind::TenantChanged, words, &next).commit(tx, &errand, now).await?;
        Ok(next)
    }

    /// Removes a tenant that nothing belongs to.
    ///
    /// # Errors
    /// [`TenantError`].
    pub async fn remove(&self, errand: Errand<'_>, id: TenantId) -> Result<(), TenantError> {
        let actor = errand.actor;
        let now = self.core.clock.now();
        let mut client = self.core.database.client().await?;
        let tx = client.transaction().await?;
        store::tenants::hold_tree(&tx).await?;
        let present = there(&tx, id).await?;
        if !actor.reaches(&tx, id).await? {
            return Err(TenantError::OutOfReach);
        }
        if let Removal::HeldBy(table) = store::tenants::remove(&tx, id, now).await? {
            return Err(TenantError::HeldBy(table));
        }
        if present.parent.is_none() {
            return Err(TenantError::Root);
        }
        let words = format!("TENANT: ID: {}, ACTION: Deleted tenant", id.0);
        Ok(deed(AuditKind::TenantRemoved, words, &present).commit(tx, &errand, now).await?)
    }
}

fn deed(kind: AuditKind, words: String, node: &TenantNode) -> Deed {
    let TenantNode { tenant, active, .. } = node;
    let detail = json!({ "tenant": tenant.name, "id": tenant.id.0, "active": active });
    Deed { kind, words, detail }
}

async fn there(tx: &impl GenericClient, id: TenantId) -> Result<TenantNode, TenantError> {
    store::tenants::by_id(tx, id).await?.ok_or(TenantError::NoSuchTenant)
}
