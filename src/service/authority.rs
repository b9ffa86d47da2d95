//! The one rule of authority: nobody grants, edits or removes more than they hold, nor beyond their own tenant.

use std::fmt;

use crate::{
    domain::{Account, Permission, Role, RoleId, Tenant, TenantId},
    store::{self, StoreError},
};

/// The permissions that somebody would need and does not hold; never empty.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lacking(pub Vec<Permission>);

impl fmt::Display for Lacking {
    /// The names with a comma between them, as the contract lists them (fact sheet Traffic Ops §1.11).
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<_> = self.0.iter().map(|permission| permission.0.as_ref()).collect();
        f.write_str(&names.join(","))
    }
}

/// The role somebody names, in the way of the version they speak.
#[derive(Clone, Debug)]
pub enum RoleChoice {
    /// By identity (3.x).
    Id(RoleId),
    /// By name (4.0 and later).
    Name(String),
}

impl fmt::Display for RoleChoice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Id(id) => id.0.fmt(f),
            Self::Name(name) => f.write_str(name),
        }
    }
}

/// Whether a role grants every one of these permissions; an account without a role holds none.
pub(super) fn holds_all(actor: Option<&Role>, needed: &[Permission]) -> Result<(), Lacking> {
    let held = |permission: &Permission| actor.is_some_and(|role| role.grants(permission));
    let mut lacking: Vec<_> = needed.iter().filter(|permission| !held(permission)).cloned().collect();
    lacking.sort();
    match lacking.is_empty() {
        true => Ok(()),
        false => Err(Lacking(lacking)),
    }
}

/// Whether the holder of a role may give, change or take away another one, or touch an account that has it.
///
/// The role `admin` grants everything by its name, not by the permissions that are stored for it: only an `admin`
/// holds as much.
pub(super) fn covers(actor: Option<&Role>, other: &Role) -> Result<(), Lacking> {
    if other.name == Role::ADMIN && actor.is_none_or(|role| role.name != Role::ADMIN) {
        return Err(Lacking(vec![Permission::named("ALL")]));
    }
    holds_all(actor, &other.permissions)
}

/// The tenant, if the actor may act in it: their own or one below it, as long as their own and all above are active.
///
/// Source: fact sheet Traffic Ops §7.5; whether the tenant itself is active doesn't matter.
pub(super) async fn tenant_in_reach(
    client: &impl store::GenericClient,
    actor: &Account,
    wanted: TenantId,
) -> Result<Option<Tenant>, StoreError> {
    store::tenants::within_reach(client, actor.tenant.id, wanted).await
}

/// The role that somebody chose.
pub(super) async fn chosen(
    client: &impl store::GenericClient,
    choice: &RoleChoice,
) -> Result<Option<Role>, StoreError> {
    match choice {
        RoleChoice::Id(id) => store::roles::by_id(client, *id).await,
        RoleChoice::Name(name) => store::roles::by_name(client, name).await,
    }
}

/// An account that was seen, locked until the end of the transaction, and whether it is the last one that may do
/// everything.
///
/// All that may do everything are locked first, always in one order: two of them that act on each other take turns,
/// and the second is told that it is the last.
pub(super) async fn locked(
    tx: &impl store::GenericClient,
    seen: Option<&Account>,
) -> Result<(Option<Account>, bool), StoreError> {
    let may_do_everything =
        |account: &Account| account.role.as_ref().is_some_and(|role| role.name == Role::ADMIN);
    let Some(seen) = seen else { return Ok((None, false)) };
    let last = may_do_everything(seen) && store::accounts::other_administrators(tx, seen.id).await? == 0;
    let present = store::accounts::locked(tx, seen.id).await?;
    let last = last && present.as_ref().is_some_and(may_do_everything);
    Ok((present, last))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn role(name: &str, permissions: &[&'static str]) -> Role {
        let permissions = permissions.iter().map(|name| Permission::named(*name)).collect();
        Role { id: RoleId(1), name: name.to_owned(), priv_level: 30, permissions }
    }

    #[test]
    fn what_is_missing_is_named_in_order() {
        let clerk = role("clerk", &["USER:READ"]);
        let needed = ["USER:UPDATE", "USER:READ", "USER:CREATE"].map(Permission::named);
        assert_eq!(holds_all(Some(&clerk), &needed).unwrap_err().to_string(), "USER:CREATE,USER:UPDATE");
        assert_eq!(holds_all(None, &needed[1..2]).unwrap_err().to_string(), "USER:READ");
        assert_eq!(holds_all(Some(&clerk), &needed[1..2]), Ok(()));
    }

    #[test]
    fn only_an_admin_covers_an_admin_whatever_is_stored_for_either() {
        let (admin, bare) = (role("admin", &["ALL"]), role("admin", &[]));
        let pretender = role("root", &["ALL", "USER:READ"]);
        for stored in [&admin, &bare] {
            assert_eq!(covers(Some(&pretender), stored).unwrap_err().to_string(), "ALL");
            assert_eq!(covers(None, stored).unwrap_err().to_string(), "ALL");
            assert_eq!(covers(Some(&bare), stored), Ok(()));
        }
        assert_eq!(covers(Some(&admin), &pretender), Ok(()));
        assert_eq!(covers(None, &role("disallowed", &[])), Ok(()));
    }
}
