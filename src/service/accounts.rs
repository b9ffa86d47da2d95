//! One's own account.

mod confirmation;
mod new_email;
mod old_password;
mod own_password;

use super::{
    Caller, Core, Fault, Lacking, LogWords, Origin, RoleChoice, authority, endings, notices, passwords,
};
use crate::{
    domain::{
        Account, EmailAddress, Password, PasswordHash, Precondition, Profile, TenantId, Username,
        UsernameRefused,
    },
    store::{self, Constraint, StoreError},
};

pub use new_email::ConfirmEmailError;
pub use old_password::ChangeOwnPasswordError;
pub use own_password::OwnPasswordError;

/// Shows and changes the caller's own account.
#[derive(Clone)]
pub struct Accounts {
    core: Core,
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
    StrongerRole(Lacking),
    /// No such role.
    #[error("no such role")]
    NoSuchRole,
    /// A role of one's own can't be changed by oneself.
    #[error("nobody changes their own role")]
    OwnRole,
    /// No such tenant within the caller's reach.
    #[error("no such tenant")]
    NoSuchTenant,
    /// Somebody else changed the account since the caller looked.
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

impl From<StoreError> for UpdateError {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Taken(Constraint::AccountUsername) => Self::UsernameTaken,
            StoreError::Taken(Constraint::AccountEmail) => Self::EmailTaken,
            other => Self::Internal(other.into()),
        }
    }
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

    /// Changes the caller's own account, unless somebody else changed it meanwhile, and returns it as it is then.
    ///
    /// # Errors
    /// [`UpdateError`]; then nothing was changed.
    pub async fn update_own(
        &self,
        condition: Precondition,
        caller: &Caller,
        update: OwnUpdate,
        origin: &Origin,
    ) -> Result<Account, UpdateError> {
        let own = &caller.account;
        check_name(own, &update.username)?;
        let hash = self.hashed(update.password).await?;
        let mut client = self.core.database.client().await?;
        let tx = client.transaction().await?;
        check_role(&tx, own, &update.role).await?;
        let tenant = authority::tenant_in_reach(&tx, own, update.tenant).await?;
        let tenant = tenant.ok_or(UpdateError::NoSuchTenant)?;
        let now = self.core.clock.now();
        let next = Account {
            username: update.username,
            email: update.email,
            full_name: update.full_name,
            profile: update.profile,
            tenant,
            ..own.clone()
        };
        if hash.is_some() || own.email != next.email {
            endings::take(&tx, own.id).await?;
        }
        endings::of_former_address(&tx, own, &next, now).await?;
        check_untouched(&tx, own, condition).await?;
        store::accounts::update_own(&tx, &next, now).await?;
        let mut written = notices::changed(&tx, own, &next, Some(own.id), origin, now).await?;
        if let Some(hash) = &hash {
            let email = own.email.as_ref().or(next.email.as_ref());
            let (keep, actor) = (Some(caller.proof), Some(own.id));
            let change =
                passwords::Change { email, keep, actor, ..passwords::Change::of(own.id, hash, origin) };
            written = written.and(passwords::replace(&tx, &change, now).await?);
        }
        let note = LogWords::Plain.updated(&next.username, own.id);
        store::log::write(&tx, own.id, &note, now).await?;
        let stored = store::accounts::by_id(&tx, own.id).await?;
        written.commit(tx).await?;
        self.core.bell.ring();
        stored.ok_or(UpdateError::Internal(Fault::Broken))
    }

    async fn hashed(&self, password: Option<Password>) -> Result<Option<PasswordHash>, Fault> {
        match password {
            Some(password) => Ok(Some(self.core.hasher.hash(password).await?)),
            None => Ok(None),
        }
    }
}

/// The account is looked at again, and locked, only where the client asked for that.
async fn check_untouched(
    tx: &impl store::GenericClient,
    own: &Account,
    condition: Precondition,
) -> Result<(), UpdateError> {
    if condition == Precondition::default() {
        return Ok(());
    }
    let present = store::accounts::locked(tx, own.id).await?;
    match present.is_some_and(|present| condition.allows(present.last_updated)) {
        true => Ok(()),
        false => Err(UpdateError::Modified),
    }
}

/// The present name is kept whatever it is; another one must be free of doubt.
fn check_name(own: &Account, next: &Username) -> Result<(), UsernameRefused> {
    if own.username == *next { Ok(()) } else { next.may_be_taken() }
}

/// A role may be named, as the contract wants it, but only the present one.
async fn check_role(
    tx: &impl store::GenericClient,
    own: &Account,
    choice: &RoleChoice,
) -> Result<(), UpdateError> {
    let chosen = authority::chosen(tx, choice).await?.ok_or(UpdateError::NoSuchRole)?;
    match &own.role {
        Some(present) if present.id == chosen.id => Ok(()),
        present => match authority::covers(present.as_ref(), &chosen) {
            Err(lacking) => Err(UpdateError::StrongerRole(lacking)),
            Ok(()) => Err(UpdateError::OwnRole),
        },
    }
}
