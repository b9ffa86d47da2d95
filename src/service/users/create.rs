//! A new account.

use serde_json::json;

use super::{Errand, Users, Wanted};
use crate::{
    domain::{Account, AuditKind, Password, Role, Tenant, UsernameRefused},
    service::{
        Fault,
        audit::Act,
        authority::{self, Lacking},
    },
    store::{self, Constraint, StoreError, accounts::NewAccount},
};

/// Why no account was made.
#[derive(Debug, thiserror::Error)]
pub enum CreateError {
    /// The tenant does not exist, or is beyond the caller's reach: deliberately one case.
    #[error("the tenant is out of reach")]
    TenantOutOfReach,
    /// No such role.
    #[error("no such role")]
    NoSuchRole,
    /// The role grants what the caller does not hold.
    #[error("the role grants more than the caller holds")]
    StrongerRole(Lacking),
    /// The user name is not one to be taken.
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

impl From<StoreError> for CreateError {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Taken(Constraint::AccountUsername) => Self::UsernameTaken,
            StoreError::Taken(Constraint::AccountEmail) => Self::EmailTaken,
            other => Self::Internal(other.into()),
        }
    }
}

impl Users {
    /// Makes an account and returns it as it was stored.
    ///
    /// # Errors
    /// [`CreateError`]; then nothing was made.
    pub async fn create(
        &self,
        errand: Errand<'_>,
        wanted: Wanted,
        password: Password,
    ) -> Result<Account, CreateError> {
        // Judged before the password is hashed, which is dear, and again in the transaction, which counts.
        judge(&self.core.database.client().await?, errand, &wanted).await?;
        let hash = self.core.hasher.hash(password).await.map_err(Fault::from)?;
        let mut client = self.core.database.client().await?;
        let tx = client.transaction().await?;
        let (role, tenant) = judge(&tx, errand, &wanted).await?;
        let account = NewAccount {
            username: &wanted.username,
            email: wanted.email.as_ref(),
            full_name: wanted.full_name.as_deref(),
            hash: Some(&hash),
            role: &role,
            tenant: tenant.id,
            profile: &wanted.profile,
            ucdn: &wanted.ucdn,
            new_user: wanted.new_user,
            registration_sent: None,
        };
        let now = self.core.clock.now();
        let id = store::accounts::insert(&tx, &account, now).await?;
        let note = errand.words.created(&wanted.username, id);
        errand.actor.log(&tx, &note, now).await?;
        let act = Act::of(AuditKind::AccountCreated, Some(id), &errand);
        let written = act.with(json!({ "role": role.name })).put_down(&tx, now).await?;
        let stored = store::accounts::by_id(&tx, id).await?;
        written.commit(tx).await?;
        stored.ok_or(CreateError::Internal(Fault::Broken))
    }
}

async fn judge(
    client: &impl store::GenericClient,
    errand: Errand<'_>,
    wanted: &Wanted,
) -> Result<(Role, Tenant), CreateError> {
    let actor = errand.actor;
    let tenant = actor.reached(client, wanted.tenant).await?.ok_or(CreateError::TenantOutOfReach)?;
    let role = authority::chosen(client, &wanted.role).await?.ok_or(CreateError::NoSuchRole)?;
    actor.covers(&role).map_err(CreateError::StrongerRole)?;
    wanted.username.may_be_taken()?;
    Ok((role, tenant))
}
