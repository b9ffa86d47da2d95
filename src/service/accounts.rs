//! One's own account.

use super::{Caller, Core, Fault, Origin, passwords};
use crate::{
    domain::{Account, EmailAddress, Password, Permission, Profile, Role, RoleId, TenantId, Username},
    store::{self, Constraint, StoreError, outbox},
};

/// Shows and changes the caller's own account.
#[derive(Clone)]
pub struct Accounts {
    core: Core,
}

/// The role somebody names, in the way of the version they speak.
#[derive(Clone, Debug)]
pub enum RoleChoice {
    /// By identity (3.x).
    Id(RoleId),
    /// By name (4.0 and later).
    Name(String),
}

impl std::fmt::Display for RoleChoice {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Id(id) => id.0.fmt(f),
            Self::Name(name) => f.write_str(name),
        }
    }
}

/// The whole of what the holder may set, after the change.
pub struct OwnUpdate {
    /// What the holder signs in with.
    pub username: Username,
    /// Where the holder's mail goes; `None` keeps an account without an address as it is.
    pub email: Option<EmailAddress>,
    /// The name people call the holder by.
    pub full_name: Option<String>,
    /// The role, which must be the present one.
    pub role: RoleChoice,
    /// The tenant.
    pub tenant: TenantId,
    /// The free fields.
    pub profile: Profile,
    /// A new password, if it is to change.
    pub password: Option<Password>,
}

/// Why the account stayed as it was.
#[derive(Debug, thiserror::Error)]
pub enum UpdateError {
    /// The role grants what the caller does not hold; these permissions.
    #[error("the role grants more than the caller holds")]
    StrongerRole(Vec<Permission>),
    /// No such role.
    #[error("no such role")]
    NoSuchRole,
    /// A role of one's own can't be changed by oneself.
    #[error("nobody changes their own role")]
    OwnRole,
    /// No such tenant within the caller's reach.
    #[error("no such tenant")]
    NoSuchTenant,
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

impl Accounts {
    pub(super) fn new(core: Core) -> Self {
        Self { core }
    }

    /// How many change-log rows the account has written.
    ///
    /// # Errors
    /// [`Fault`].
    pub async fn change_log_count(&self, account: &Account) -> Result<i64, Fault> {
        let client = self.core.database.client().await?;
        Ok(store::accounts::change_log_count(&client, account.id).await?)
    }

    /// Changes the caller's own account and returns it as it is then.
    ///
    /// # Errors
    /// [`UpdateError`]; then nothing was changed.
    pub async fn update_own(
        &self,
        caller: &Caller,
        update: OwnUpdate,
        dialect: &str,
        origin: &Origin,
    ) -> Result<Account, UpdateError> {
        let own = &caller.account;
        let hash = match update.password {
            Some(password) => Some(self.core.hasher.hash(password).await.map_err(Fault::from)?),
            None => None,
        };
        let mut client = self.core.database.client().await.map_err(Fault::from)?;
        let tx = client.transaction().await.map_err(Fault::from)?;
        check_role(&tx, own, &update.role).await?;
        let reachable = store::tenants::within_reach(&tx, own.tenant.id, update.tenant).await;
        let tenant = reachable.map_err(Fault::from)?.ok_or(UpdateError::NoSuchTenant)?;
        let now = self.core.clock.now();
        let next = Account {
            username: update.username,
            email: update.email,
            full_name: update.full_name,
            profile: update.profile,
            tenant,
            ..own.clone()
        };
        forget_old_address(&tx, own, &next, now).await.map_err(Fault::from)?;
        store::accounts::update_own(&tx, &next, now).await.map_err(taken)?;
        if let Some(hash) = &hash {
            let change = passwords::Change {
                account: own.id,
                email: own.email.as_ref().or(next.email.as_ref()),
                hash,
                keep: Some(caller.session),
                dialect,
                address: origin.address.as_deref(),
            };
            passwords::replace(&tx, &change, now).await.map_err(Fault::from)?;
        }
        let stored = store::accounts::by_id(&tx, own.id).await.map_err(Fault::from)?;
        tx.commit().await.map_err(Fault::from)?;
        self.core.bell.ring();
        stored.ok_or(UpdateError::Internal(Fault::Broken))
    }
}

/// A role may be named, as the contract wants it, but only the present one.
async fn check_role(
    tx: &impl store::GenericClient,
    own: &Account,
    choice: &RoleChoice,
) -> Result<(), UpdateError> {
    let chosen = match choice {
        RoleChoice::Id(id) => store::roles::by_id(tx, *id).await,
        RoleChoice::Name(name) => store::roles::by_name(tx, name).await,
    };
    let chosen: Role = chosen.map_err(Fault::from)?.ok_or(UpdateError::NoSuchRole)?;
    match &own.role {
        Some(present) if present.id == chosen.id => Ok(()),
        Some(present) if !present.lacks_of(&chosen).is_empty() => {
            let lacking = present.lacks_of(&chosen).into_iter().cloned().collect();
            Err(UpdateError::StrongerRole(lacking))
        }
        _ => Err(UpdateError::OwnRole),
    }
}

/// A changed address voids the keys that were sent to the old one.
async fn forget_old_address(
    tx: &impl store::GenericClient,
    own: &Account,
    next: &Account,
    now: time::OffsetDateTime,
) -> Result<(), StoreError> {
    match &own.email {
        Some(old) if own.email != next.email => {
            outbox::void_resets_to(tx, old).await?;
            store::reset_keys::void_all(tx, own.id, now).await
        }
        _ => Ok(()),
    }
}

fn taken(error: StoreError) -> UpdateError {
    match error {
        StoreError::Taken(Constraint::AccountUsername) => UpdateError::UsernameTaken,
        StoreError::Taken(Constraint::AccountEmail) => UpdateError::EmailTaken,
        other => UpdateError::Internal(other.into()),
    }
}
