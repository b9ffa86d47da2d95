//! A change of somebody's account.

use time::OffsetDateTime;

use super::{Errand, Users, Wanted};
use crate::{
    domain::{
        Account, AccountId, Password, PasswordHash, Precondition, Profile, Role, Tenant, UsernameRefused,
    },
    service::{
        Fault,
        authority::{self, Lacking},
        endings, notices, passwords,
    },
    store::{self, Constraint, StoreError, audit::Written},
};

/// Why an account stayed as it was.
#[derive(Debug, thiserror::Error)]
pub enum ChangeError {
    /// No account has the identity.
    #[error("no such user")]
    NoSuchUser,
    /// No such role.
    #[error("no such role")]
    NoSuchRole,
    /// The account is the caller's own, and the role is not the one it has.
    #[error("nobody changes their own role")]
    OwnRole,
    /// The present or the new tenant is beyond the caller's reach, or the new one does not exist.
    #[error("the tenant is out of reach")]
    TenantOutOfReach,
    /// The present or the new role grants what the caller does not hold.
    #[error("a role grants more than the caller holds")]
    StrongerRole(Lacking),
    /// Nobody else may do everything.
    #[error("this is the last account that may do everything")]
    LastAdministrator,
    /// The account was changed since the caller looked.
    #[error("the account was changed meanwhile")]
    Modified,
    /// The new user name is not one to be taken.
    #[error(transparent)]
    Username(#[from] UsernameRefused),
    /// Another account has the user name.
    #[error("the user name is taken")]
    UsernameTaken,
    /// Another account has the e-mail address.
    #[error("the e-mail address is taken")]
    EmailTaken,
    /// No outcome.
    #[error(transparent)]
    Internal(#[from] Fault),
}

impl From<StoreError> for ChangeError {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Taken(Constraint::AccountUsername) => Self::UsernameTaken,
            StoreError::Taken(Constraint::AccountEmail) => Self::EmailTaken,
            other => Self::Internal(other.into()),
        }
    }
}

impl Users {
    /// Changes an account and returns it as it is then.
    ///
    /// A new password and the role `disallowed` end the sessions of the account; a new password and a new address
    /// void its keys.
    ///
    /// # Errors
    /// [`ChangeError`]; then nothing was changed.
    pub async fn change(
        &self,
        errand: Errand<'_>,
        id: AccountId,
        wanted: Wanted,
        password: Option<Password>,
        condition: Precondition,
    ) -> Result<Account, ChangeError> {
        let hash = match password {
            Some(password) => Some(self.hashed(errand, id, &wanted, password).await?),
            None => None,
        };
        let mut client = self.core.database.client().await?;
        let tx = client.transaction().await?;
        let seen = store::accounts::by_id(&tx, id).await?;
        let role = authority::chosen(&tx, &wanted.role).await?.ok_or(ChangeError::NoSuchRole)?;
        // Letters first: whoever mints a key holds its letter before the account.
        if seen.as_ref().is_some_and(|seen| spoils_keys(seen, &wanted, &role, hash.as_ref())) {
            store::outbox::withdraw(&tx, id).await?;
        }
        let (present, last) = authority::locked(&tx, seen.as_ref()).await?;
        let (role, tenant) = judge(&tx, errand, present.as_ref(), &wanted).await?;
        let present = present.ok_or(ChangeError::NoSuchUser)?;
        if !condition.allows(present.last_updated) {
            return Err(ChangeError::Modified);
        }
        if last && role.name != Role::ADMIN {
            return Err(ChangeError::LastAdministrator);
        }
        let next = changed(&present, wanted, role, tenant);
        let now = self.core.clock.now();
        let written = store(&tx, errand, &present, &next, hash.as_ref(), now).await?;
        let stored = store::accounts::by_id(&tx, id).await?;
        written.commit(tx).await?;
        self.core.bell.ring();
        stored.ok_or(ChangeError::Internal(Fault::Broken))
    }

    /// Hashes a password, once it is clear that the caller may set it; no connection is held meanwhile.
    async fn hashed(
        &self,
        errand: Errand<'_>,
        id: AccountId,
        wanted: &Wanted,
        password: Password,
    ) -> Result<PasswordHash, ChangeError> {
        let client = self.core.database.client().await?;
        let present = store::accounts::by_id(&client, id).await?;
        judge(&client, errand, present.as_ref(), wanted).await?;
        drop(client);
        Ok(self.core.hasher.hash(password).await.map_err(Fault::from)?)
    }
}

/// The order is the contract's: fact sheet Traffic Ops §1.12. The present role and tenant are judged like the new
/// ones (§11-4).
async fn judge(
    client: &impl store::GenericClient,
    errand: Errand<'_>,
    present: Option<&Account>,
    wanted: &Wanted,
) -> Result<(Role, Tenant), ChangeError> {
    let actor = errand.actor;
    let role = authority::chosen(client, &wanted.role).await?.ok_or(ChangeError::NoSuchRole)?;
    let is_own = present.is_some_and(|present| actor.account() == Some(present.id));
    let present_role = present.and_then(|present| present.role.as_ref());
    if is_own && present_role.is_none_or(|present| present.id != role.id) {
        return Err(ChangeError::OwnRole);
    }
    if let Some(present) = present {
        actor.reached(client, present.tenant.id).await?.ok_or(ChangeError::TenantOutOfReach)?;
    }
    let tenant = actor.reached(client, wanted.tenant).await?.ok_or(ChangeError::TenantOutOfReach)?;
    for role in present_role.into_iter().chain([&role]) {
        actor.covers(role).map_err(ChangeError::StrongerRole)?;
    }
    let present = present.ok_or(ChangeError::NoSuchUser)?;
    if present.username != wanted.username {
        wanted.username.may_be_taken()?;
    }
    Ok((role, tenant))
}

/// Whether the change is one after which no key that was asked for before may open the account.
fn spoils_keys(seen: &Account, wanted: &Wanted, role: &Role, hash: Option<&PasswordHash>) -> bool {
    let is_new = wanted.email.is_some() && seen.email != wanted.email;
    hash.is_some() || is_new || !role.may_sign_in()
}

fn changed(present: &Account, wanted: Wanted, role: Role, tenant: Tenant) -> Account {
    let left_out = wanted.left_out;
    let kept = |out: bool, wanted: Option<i64>, present: Option<i64>| if out { present } else { wanted };
    Account {
        username: wanted.username,
        email: wanted.email.or_else(|| present.email.clone()),
        full_name: wanted.full_name.or_else(|| present.full_name.clone()),
        role: Some(role),
        tenant,
        new_user: wanted.new_user,
        ucdn: if left_out.ucdn { present.ucdn.clone() } else { wanted.ucdn },
        profile: Profile {
            gid: kept(left_out.gid, wanted.profile.gid, present.profile.gid),
            uid: kept(left_out.uid, wanted.profile.uid, present.profile.uid),
            ..wanted.profile
        },
        ..present.clone()
    }
}

async fn store(
    tx: &impl store::GenericClient,
    errand: Errand<'_>,
    present: &Account,
    next: &Account,
    hash: Option<&PasswordHash>,
    now: OffsetDateTime,
) -> Result<Written, StoreError> {
    endings::of_former_address(tx, present, next, now).await?;
    let mut written = Written::default();
    if let Some(hash) = hash {
        let change = passwords::Change {
            email: present.email.as_ref().or(next.email.as_ref()),
            keep: errand.proof.filter(|_| errand.actor.account() == Some(present.id)),
            actor: errand.actor.account(),
            ..passwords::Change::of(present.id, hash, errand.origin)
        };
        written = passwords::replace(tx, &change, now).await?;
    }
    store::accounts::update(tx, next, now).await?;
    if next.role.as_ref().is_some_and(|role| !role.may_sign_in()) {
        endings::all(tx, next.id, None, now).await?;
    }
    let note = errand.words.updated(&next.username, next.id);
    errand.actor.log(tx, &note, now).await?;
    let actor = errand.actor.account();
    Ok(written.and(notices::changed(tx, present, next, actor, errand.origin, now).await?))
}
