//! Roles: what their holders may do.

mod refusal;

use std::collections::HashSet;

use serde_json::json;
use time::OffsetDateTime;

use super::{Core, Errand, Fault, RoleChoice, deed::Deed};
pub use crate::store::{
    capabilities::{ApiCapability, Capability},
    roles::{RoleFilter, RoleOrder},
};
use crate::{
    domain::{AuditKind, DescribedRole, Label, Permission, Precondition, Role, RoleId, Slice, derived_level},
    store::{self, GenericClient, StoreError},
};
pub use refusal::RoleError;

/// Shows, makes, changes and removes roles.
#[derive(Clone)]
pub struct Roles {
    core: Core,
}

/// A role as somebody wants it to be.
pub struct RoleDraft {
    /// What it is called.
    pub name: Label,
    /// What it is for.
    pub description: Label,
    /// What it grants; `None` leaves that as it is.
    pub permissions: Option<Vec<Permission>>,
    /// The level that 3.x shows; `None` where the client's version has none, and then it follows from what the role
    /// grants.
    pub priv_level: Option<i64>,
}

impl Roles {
    pub(super) fn new(core: Core) -> Self {
        Self { core }
    }

    /// Some roles.
    ///
    /// # Errors
    /// [`Fault`].
    pub async fn list(
        &self,
        filter: &RoleFilter,
        slice: &Slice<RoleOrder>,
    ) -> Result<Vec<DescribedRole>, Fault> {
        let client = self.core.database.client().await?;
        Ok(store::roles::list(&client, filter, slice).await?)
    }

    /// When anything about roles last changed.
    ///
    /// # Errors
    /// [`Fault`].
    pub async fn changed_at(&self) -> Result<OffsetDateTime, Fault> {
        let client = self.core.database.client().await?;
        Ok(store::roles::changed_at(&client).await?)
    }

    /// Those of the permissions that nobody knows: 3.x lets nobody invent any.
    ///
    /// # Errors
    /// [`Fault`].
    pub async fn unknown(&self, permissions: &[Permission]) -> Result<Vec<Permission>, Fault> {
        let client = self.core.database.client().await?;
        Ok(store::roles::unknown_permissions(&client, permissions).await?)
    }

    /// What 3.x calls capabilities.
    ///
    /// # Errors
    /// [`Fault`].
    pub async fn capabilities(&self, name: Option<&str>) -> Result<Vec<Capability>, Fault> {
        let client = self.core.database.client().await?;
        Ok(store::capabilities::list(&client, name).await?)
    }

    /// What 3.x calls API capabilities.
    ///
    /// # Errors
    /// [`Fault`].
    pub async fn api_capabilities(
        &self,
        id: Option<i64>,
        capability: Option<&str>,
    ) -> Result<Vec<ApiCapability>, Fault> {
        let client = self.core.database.client().await?;
        Ok(store::capabilities::list_api(&client, id, capability).await?)
    }

    /// Makes a role, and returns it with its permissions in the order they were given.
    ///
    /// # Errors
    /// [`RoleError`].
    pub async fn create(&self, errand: Errand<'_>, draft: RoleDraft) -> Result<DescribedRole, RoleError> {
        let actor = errand.actor;
        draft.name.may_be_taken()?;
        let permissions = merged(draft.permissions.unwrap_or_default());
        let priv_level = draft.priv_level.unwrap_or_else(|| derived_level(&permissions));
        if draft.priv_level.is_some_and(|level| level > actor.level()) {
            return Err(RoleError::HigherLevel);
        }
        // The identity comes with the row; authority doesn't ask for it.
        let mut role = Role { id: RoleId(0), name: draft.name.to_string(), priv_level, permissions };
        actor.covers(&role)?;
        let (now, description) = (self.core.clock.now(), draft.description.to_string());
        let mut client = self.core.database.client().await?;
        let tx = client.transaction().await?;
        store::roles::hold_names(&tx).await?;
        if store::roles::any_called_like(&tx, &role.name, None).await? {
            return Err(RoleError::NameTaken);
        }
        let (id, last_updated) = store::roles::insert(&tx, &role.name, &description, priv_level, now).await?;
        role.id = id;
        store::roles::set_permissions(&tx, id, &role.permissions, now).await?;
        let words = format!("ROLE: {}, ID: {}, ACTION: Created Role", role.name, role.id.0);
        deed(AuditKind::RoleCreated, words, &role).commit(tx, &errand, now).await?;
        Ok(DescribedRole { role, description, last_updated })
    }

    /// Changes a role; its holders feel it at their next request.
    ///
    /// # Errors
    /// [`RoleError`].
    pub async fn update(
        &self,
        errand: Errand<'_>,
        choice: &RoleChoice,
        draft: RoleDraft,
        known: Precondition,
    ) -> Result<DescribedRole, RoleError> {
        let actor = errand.actor;
        let now = self.core.clock.now();
        let mut client = self.core.database.client().await?;
        let tx = client.transaction().await?;
        store::roles::hold_names(&tx).await?;
        let present = held(&tx, choice).await?;
        if present.as_ref().is_some_and(|present| present.role.name == Role::ADMIN) {
            return Err(RoleError::Admin);
        }
        let permissions = draft.permissions.map(merged);
        actor.holds_all(permissions.as_deref().unwrap_or_default())?;
        let present = present.ok_or(RoleError::NoSuchRole)?;
        let next = changed(&present.role, draft.name.as_str(), draft.priv_level, permissions);
        actor.covers(&present.role)?;
        actor.covers(&next)?;
        if draft.priv_level.is_some_and(|level| level > actor.level() && level != present.role.priv_level) {
            return Err(RoleError::HigherLevel);
        }
        if present.role.name == Role::DISALLOWED && next.name != Role::DISALLOWED {
            return Err(RoleError::Disallowed);
        }
        if !known.allows(present.last_updated) {
            return Err(RoleError::Modified);
        }
        if next.name != present.role.name {
            draft.name.may_be_taken()?;
            if store::roles::any_called_like(&tx, &next.name, Some(next.id)).await? {
                return Err(RoleError::NameTaken);
            }
        }
        let description = draft.description.to_string();
        let last_updated = store::roles::update(&tx, &next, &description, now).await?;
        store::roles::set_permissions(&tx, next.id, &next.permissions, now).await?;
        let words = format!("ROLE: {}, ID: {}, ACTION: Updated Role", next.name, next.id.0);
        deed(AuditKind::RoleChanged, words, &next).commit(tx, &errand, now).await?;
        Ok(DescribedRole { role: next, description, last_updated })
    }

    /// Removes a role that no account has.
    ///
    /// # Errors
    /// [`RoleError`].
    pub async fn remove(&self, errand: Errand<'_>, choice: &RoleChoice) -> Result<(), RoleError> {
        let actor = errand.actor;
        let now = self.core.clock.now();
        let mut client = self.core.database.client().await?;
        let tx = client.transaction().await?;
        let DescribedRole { role, .. } = held(&tx, choice).await?.ok_or(RoleError::NoSuchRole)?;
        let is_admin = role.name == Role::ADMIN;
        match store::roles::holders(&tx, role.id).await? {
            0 if is_admin => return Err(RoleError::Admin),
            0 => {}
            holders => return Err(RoleError::Assigned { holders, is_admin }),
        }
        if role.name == Role::DISALLOWED {
            return Err(RoleError::Disallowed);
        }
        actor.covers(&role)?;
        store::roles::remove(&tx, role.id, now).await?;
        let words = format!("ROLE: {}, ACTION: Deleted Role", role.name);
        Ok(deed(AuditKind::RoleRemoved, words, &role).commit(tx, &errand, now).await?)
    }
}

/// What a role grants is a grant: the trail has it in full.
fn deed(kind: AuditKind, words: String, role: &Role) -> Deed {
    let permissions: Vec<_> = role.permissions.iter().map(|permission| permission.0.as_ref()).collect();
    let detail = json!({ "role": role.name, "id": role.id.0, "permissions": permissions });
    Deed { kind, words, detail }
}

/// The role, kept from everybody else until the transaction ends.
async fn held(tx: &impl GenericClient, choice: &RoleChoice) -> Result<Option<DescribedRole>, StoreError> {
    let id = match choice {
        RoleChoice::Id(id) => Some(*id),
        RoleChoice::Name(name) => store::roles::by_name(tx, name).await?.map(|role| role.id),
    };
    match id {
        Some(id) => store::roles::hold(tx, id).await,
        None => Ok(None),
    }
}

/// The role after a change. A level that nobody gave does not outlast the permissions that it went with.
fn changed(
    present: &Role,
    name: &str,
    priv_level: Option<i64>,
    permissions: Option<Vec<Permission>>,
) -> Role {
    let permissions = permissions.unwrap_or_else(|| present.permissions.clone());
    let derived = || match same(&permissions, &present.permissions) {
        true => present.priv_level,
        false => present.priv_level.min(derived_level(&permissions)),
    };
    let priv_level = priv_level.unwrap_or_else(derived);
    Role { id: present.id, name: name.to_owned(), priv_level, permissions }
}

fn same(some: &[Permission], others: &[Permission]) -> bool {
    some.iter().collect::<HashSet<_>>() == others.iter().collect()
}

/// What is named twice is granted once (fact sheet Traffic Ops §11-20); the order stays.
fn merged(permissions: Vec<Permission>) -> Vec<Permission> {
    let mut seen = HashSet::new();
    permissions.into_iter().filter(|permission| seen.insert(permission.clone())).collect()
}
