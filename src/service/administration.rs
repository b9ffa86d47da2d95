//! Accounts as an operator at the command line sees them.

use time::OffsetDateTime;
use zeroize::Zeroizing;

use super::{Core, Fault, Origin, audit::Act, endings, notices, passwords};
use crate::{
    domain::{
        Account, AccountId, AuditKind, EmailAddress, Password, PasswordContext, PasswordRefused, Profile,
        Role, Username, UsernameRefused,
    },
    store::{self, Constraint, StoreError, accounts::NewAccount},
};

/// Makes, lists, disables and enables accounts, with the authority of whoever may reach the database.
#[derive(Clone)]
pub struct Administration {
    core: Core,
}

/// An account to be made.
pub struct Newcomer {
    /// What the holder signs in with.
    pub username: Username,
    /// Where the holder's mail goes.
    pub email: Option<EmailAddress>,
    /// The name people call the holder by.
    pub full_name: Option<String>,
    /// The first password, unchecked; wiped when it is dropped.
    pub password: Option<Zeroizing<String>>,
    /// The role's name.
    pub role: String,
    /// The tenant's name.
    pub tenant: String,
}

/// Why nothing was done.
#[derive(Debug, thiserror::Error)]
pub enum AdministrationError {
    /// No account has the user name.
    #[error("no account is called {0}")]
    NoSuchAccount(Username),
    /// No role has the name.
    #[error("no role is called {0}")]
    NoSuchRole(String),
    /// Whoever has the role may not sign in.
    #[error("nobody signs in with the role {0}: name another one")]
    RoleOfTheDisabled(String),
    /// The account may sign in as it is, with this role.
    #[error("{0} is not disabled, and has the role {1}")]
    NotDisabled(Username, String),
    /// No tenant has the name.
    #[error("no tenant is called {0}")]
    NoSuchTenant(String),
    /// The user name is not one to be taken.
    #[error(transparent)]
    Username(#[from] UsernameRefused),
    /// Another account has the user name.
    #[error("the user name is taken")]
    UsernameTaken,
    /// Another account has the e-mail address.
    #[error("the e-mail address is taken")]
    EmailTaken,
    /// The password broke a rule.
    #[error(transparent)]
    Password(#[from] PasswordRefused),
    /// No outcome.
    #[error(transparent)]
    Internal(#[from] Fault),
}

impl From<StoreError> for AdministrationError {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Taken(Constraint::AccountUsername) => Self::UsernameTaken,
            StoreError::Taken(Constraint::AccountEmail) => Self::EmailTaken,
            other => Self::Internal(other.into()),
        }
    }
}

impl Administration {
    pub(super) fn new(core: Core) -> Self {
        Self { core }
    }

    /// Whether there is any account at all.
    ///
    /// # Errors
    /// [`Fault`].
    pub async fn is_empty(&self) -> Result<bool, Fault> {
        let client = self.core.database.client().await?;
        Ok(!store::accounts::any(&client).await?)
    }

    /// The account with this user name.
    ///
    /// # Errors
    /// [`AdministrationError::NoSuchAccount`], [`AdministrationError::Internal`].
    pub async fn named(&self, username: &Username) -> Result<AccountId, AdministrationError> {
        require(&self.core.database.client().await?, username).await
    }

    /// The moment, by the clock that events are put down by.
    pub fn now(&self) -> OffsetDateTime {
        self.core.clock.now()
    }

    /// All accounts, by user name.
    ///
    /// # Errors
    /// [`Fault`].
    pub async fn list(&self) -> Result<Vec<Account>, Fault> {
        let client = self.core.database.client().await?;
        Ok(store::accounts::all(&client).await?)
    }

    /// Makes an account.
    ///
    /// # Errors
    /// [`AdministrationError`].
    pub async fn add(&self, newcomer: Newcomer) -> Result<AccountId, AdministrationError> {
        newcomer.username.may_be_taken()?;
        let about = PasswordContext {
            username: Some(newcomer.username.as_str()),
            email: newcomer.email.as_ref().map(EmailAddress::as_str),
            full_name: newcomer.full_name.as_deref(),
            refused: Some(&self.core.refused_words),
        };
        let hash = match &newcomer.password {
            Some(text) => {
                let password = Password::parse(text, &about)?;
                Some(self.core.hasher.hash(password).await.map_err(Fault::from)?)
            }
            None => None,
        };
        let mut client = self.core.database.client().await?;
        let role = store::roles::by_name(&client, &newcomer.role).await?;
        let tenant = store::tenants::by_name(&client, &newcomer.tenant).await?;
        let account = NewAccount {
            username: &newcomer.username,
            email: newcomer.email.as_ref(),
            full_name: newcomer.full_name.as_deref(),
            hash: hash.as_ref(),
            role: &role.ok_or(AdministrationError::NoSuchRole(newcomer.role))?,
            tenant: tenant.ok_or(AdministrationError::NoSuchTenant(newcomer.tenant))?.id,
            profile: &Profile::default(),
            ucdn: "",
            new_user: false,
            registration_sent: None,
        };
        let now = self.core.clock.now();
        let tx = client.transaction().await?;
        let id = store::accounts::insert(&tx, &account, now).await?;
        let origin = Origin::command_line();
        let act = Act::of_stranger(AuditKind::AccountCreated, Some(id), &origin);
        let written = act.put_down(&tx, now).await?;
        written.commit(tx).await?;
        Ok(id)
    }

    /// Takes away the right to sign in and ends all sessions.
    ///
    /// # Errors
    /// [`AdministrationError`].
    pub async fn disable(&self, username: &Username) -> Result<(), AdministrationError> {
        let mut client = self.core.database.client().await?;
        let tx = client.transaction().await?;
        let account = require(&tx, username).await?;
        let role = store::roles::by_name(&tx, Role::DISALLOWED).await?;
        let role = role.ok_or_else(|| AdministrationError::NoSuchRole(Role::DISALLOWED.to_owned()))?;
        let now = self.core.clock.now();
        endings::take(&tx, account).await?;
        store::accounts::set_role(&tx, account, &role, now).await?;
        endings::all(&tx, account, None, now).await?;
        let origin = Origin::command_line();
        let written = notices::disabled(&tx, account, None, &origin, now).await?;
        written.commit(tx).await?;
        self.core.bell.ring();
        Ok(())
    }

    /// Gives the right to sign in back, with this role: the one from before is not kept. The password is.
    ///
    /// # Errors
    /// [`AdministrationError`]; then nothing was changed.
    pub async fn enable(&self, username: &Username, role: &str) -> Result<Account, AdministrationError> {
        let mut client = self.core.database.client().await?;
        let tx = client.transaction().await?;
        let id = require(&tx, username).await?;
        let before = store::accounts::locked(&tx, id).await?;
        let before = before.ok_or_else(|| AdministrationError::NoSuchAccount(username.clone()))?;
        if let Some(role) = before.role.as_ref().filter(|role| role.may_sign_in()) {
            return Err(AdministrationError::NotDisabled(username.clone(), role.name.clone()));
        }
        let found = store::roles::by_name(&tx, role).await?;
        let role = found.ok_or_else(|| AdministrationError::NoSuchRole(role.to_owned()))?;
        if !role.may_sign_in() {
            return Err(AdministrationError::RoleOfTheDisabled(role.name));
        }
        let now = self.core.clock.now();
        store::accounts::set_role(&tx, id, &role, now).await?;
        let after = Account { role: Some(role), ..before.clone() };
        let written = notices::changed(&tx, &before, &after, None, &Origin::command_line(), now).await?;
        written.commit(tx).await?;
        Ok(after)
    }

    /// Sets a password, ends all sessions and promises a notice to the holder.
    ///
    /// # Errors
    /// [`AdministrationError`].
    pub async fn set_password(&self, username: &Username, text: &str) -> Result<(), AdministrationError> {
        let (id, holder) = {
            let client = self.core.database.client().await?;
            let id = require(&client, username).await?;
            (id, store::accounts::by_id(&client, id).await?)
        };
        let (email, full_name) = holder.map(|holder| (holder.email, holder.full_name)).unwrap_or_default();
        let about = PasswordContext {
            username: Some(username.as_str()),
            email: email.as_ref().map(EmailAddress::as_str),
            full_name: full_name.as_deref(),
            refused: Some(&self.core.refused_words),
        };
        let hash = self.core.hasher.hash(Password::parse(text, &about)?).await.map_err(Fault::from)?;
        let origin = Origin::command_line();
        let change = passwords::Change { email: email.as_ref(), ..passwords::Change::of(id, &hash, &origin) };
        let mut client = self.core.database.client().await?;
        let tx = client.transaction().await?;
        endings::take(&tx, id).await?;
        let written = passwords::replace(&tx, &change, self.core.clock.now()).await?;
        written.commit(tx).await?;
        self.core.bell.ring();
        Ok(())
    }
}

async fn require(
    client: &impl store::GenericClient,
    username: &Username,
) -> Result<AccountId, AdministrationError> {
    let found = store::accounts::id_by_username(client, username).await?;
    found.ok_or_else(|| AdministrationError::NoSuchAccount(username.clone()))
}
