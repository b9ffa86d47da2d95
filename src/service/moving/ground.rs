//! Roles and tenants on the move. What nobody here would feel is changed to what arrives; the rest stays.

use std::borrow::Cow;

use serde_json::{Value, json};

use super::{Gate, MovingError, Place, Refusal, Witness};
use crate::{
    domain::{AuditKind, Label, Permission, Role, RoleLine, Tenant, TenantLine},
    service::{Origin, audit::Act},
    store::{
        self, GenericClient,
        import::{HeldRole, HeldTenant, move_tenant, plant_tenant, role_named, tenant_named},
    },
};

impl<W: Witness> Gate<'_, W> {
    /// Takes a role in.
    pub(super) async fn role(
        &mut self,
        transaction: &impl GenericClient,
        place: Place,
        line: RoleLine,
    ) -> Result<(), MovingError> {
        let name = line.name.clone();
        let (label, permissions) = match read_role(&line) {
            Ok(read) => read,
            Err(why) => {
                self.refuse(place, name, why);
                return Ok(());
            }
        };
        let RoleLine { description, priv_level, .. } = &line;
        let names: Vec<_> = permissions.iter().map(|permission| permission.0.as_ref()).collect();
        let detail = json!({ "role": name, "permissions": names, "imported": true });
        match role_named(transaction, label.as_str()).await? {
            None => {
                let made =
                    store::roles::insert(transaction, label.as_str(), description, *priv_level, self.now);
                store::roles::set_permissions(transaction, made.await?.0, &permissions, self.now).await?;
                self.put_down(transaction, AuditKind::RoleCreated, detail).await?;
                self.tally.roles.made += 1;
            }
            Some(held) if says_the_same(&held, &line, &permissions) => self.tally.roles.there += 1,
            Some(held) if held.held => self.refuse(place, name, Refusal::RoleDiffers),
            Some(HeldRole { id, .. }) => {
                let role = Role { id, name, priv_level: *priv_level, permissions };
                store::roles::update(transaction, &role, description, self.now).await?;
                store::roles::set_permissions(transaction, id, &role.permissions, self.now).await?;
                self.put_down(transaction, AuditKind::RoleChanged, detail).await?;
                self.tally.roles.changed += 1;
            }
        }
        Ok(())
    }

    /// Takes a tenant in.
    pub(super) async fn tenant(
        &mut self,
        transaction: &impl GenericClient,
        place: Place,
        line: TenantLine,
    ) -> Result<(), MovingError> {
        let name = line.name.clone();
        store::tenants::hold_tree(transaction).await?;
        if let Err(why) = self.settle(transaction, line).await? {
            self.refuse(place, name, why);
        }
        Ok(())
    }

    async fn settle(
        &mut self,
        transaction: &impl GenericClient,
        line: TenantLine,
    ) -> Result<Result<(), Refusal>, MovingError> {
        let label = match Label::parse(&line.name) {
            Ok(label) => label,
            Err(why) => return Ok(Err(why.into())),
        };
        let parent = match &line.parent {
            None => None,
            Some(name) if name.contains('\0') => return Ok(Err(Refusal::Control)),
            Some(name) => match tenant_named(transaction, name).await? {
                Some(parent) => Some(parent.id),
                None => return Ok(Err(Refusal::UnknownTenant(name.clone()))),
            },
        };
        let detail = json!({ "tenant": line.name, "active": line.active, "imported": true });
        match tenant_named(transaction, label.as_str()).await? {
            None => {
                plant_tenant(transaction, label.as_str(), line.active, parent, self.now).await?;
                self.put_down(transaction, AuditKind::TenantCreated, detail).await?;
                self.tally.tenants.made += 1;
            }
            Some(held) if held.line == line => self.tally.tenants.there += 1,
            Some(HeldTenant { peopled, .. }) if peopled || label.as_str() == Tenant::ROOT => {
                return Ok(Err(Refusal::TenantDiffers));
            }
            Some(HeldTenant { id, .. }) => {
                if let Some(parent) = parent
                    && store::tenants::is_below(transaction, id, parent).await?
                {
                    return Ok(Err(Refusal::Ring));
                }
                move_tenant(transaction, id, line.active, parent, self.now).await?;
                self.put_down(transaction, AuditKind::TenantChanged, detail).await?;
                self.tally.tenants.changed += 1;
            }
        }
        Ok(Ok(()))
    }

    async fn put_down(
        &self,
        transaction: &impl GenericClient,
        kind: AuditKind,
        detail: Value,
    ) -> Result<(), MovingError> {
        let origin = Origin::command_line();
        // Nobody collects the log of a command, so it is told to nobody.
        let _told =
            Act::of_stranger(kind, None, &origin).with(detail).put_down(transaction, self.now).await?;
        Ok(())
    }
}

fn read_role(line: &RoleLine) -> Result<(Label, Vec<Permission>), Refusal> {
    let label = Label::parse(&line.name)?;
    if line.description.contains('\0') {
        return Err(Refusal::Control);
    }
    let mut permissions =
        line.permissions.iter().map(|name| Permission::parse(name)).collect::<Result<Vec<_>, _>>()?;
    permissions.sort();
    permissions.dedup();
    Ok((label, permissions))
}

/// What `admin` grants follows from its name, so its rows mean nothing.
fn says_the_same(held: &HeldRole, line: &RoleLine, permissions: &[Permission]) -> bool {
    let names = |permission: &Permission| permission.0.clone();
    let arriving = permissions.iter().map(names);
    held.line.name == Role::ADMIN
        || (held.line.description == line.description
            && held.line.priv_level == line.priv_level
            && held.line.permissions.iter().map(|name| Cow::Borrowed(name.as_str())).eq(arriving))
}
