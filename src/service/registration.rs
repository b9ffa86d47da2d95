//! Invitations: an account without a password, and a letter with the key to finish it.

mod handed_over;

use serde_json::{Value, json};
use time::OffsetDateTime;

use super::{
    Core, Errand, Fault, Lacking, RoleChoice, audit::Act, authority, change_log, endings,
    fault::store_faults, throttle::Asking,
};
use crate::{
    domain::{AccountId, AuditKind, EmailAddress, LetterKind, Profile, Role, Tenant, TenantId, Username},
    store::{self, Constraint, StoreError, accounts::NewAccount, audit::Written, outbox},
};

/// Invites people.
#[derive(Clone)]
pub struct Registration {
    core: Core,
}

/// Whom somebody invites, and to what.
pub struct Invitation {
    /// Where the letter goes.
    pub email: EmailAddress,
    /// What the invited may do.
    pub role: RoleChoice,
    /// The tenant the invited will belong to.
    pub tenant: TenantId,
}

/// An invitation that is on its way.
pub struct Invited {
    /// The name of the role.
    pub role: String,
    /// The name of the tenant.
    pub tenant: String,
}

/// Why nobody was invited.
#[derive(Debug, thiserror::Error)]
pub enum InviteError {
    /// The tenant does not exist, or it or that of an earlier invitation is beyond the actor's reach.
    #[error("the tenant is out of reach")]
    TenantOutOfReach,
    /// No such role.
    #[error("no such role")]
    NoSuchRole,
    /// The role, or that of an earlier invitation, grants what the actor does not hold.
    #[error("the role grants more than the actor holds")]
    StrongerRole(Lacking),
    /// The address belongs to somebody who has finished the registration.
    #[error("somebody with this address is registered already")]
    Registered,
    /// No outcome.
    #[error(transparent)]
    Internal(#[from] Fault),
}

store_faults!(InviteError);

impl Registration {
    pub(super) fn new(core: Core) -> Self {
        Self { core }
    }

    /// Promises a letter with a key to a new account, or to one whose registration is still open: then the key of
    /// an earlier letter is void, and role and tenant are those of this invitation.
    ///
    /// # Errors
    /// [`InviteError`]; then nothing was promised.
    pub async fn invite(&self, errand: Errand<'_>, invitation: &Invitation) -> Result<Invited, InviteError> {
        // Twice, because somebody else may invite the same person at this moment: then there is one to renew.
        for _ in 0..2 {
            if let Some(invited) = self.attempt(errand, invitation).await? {
                return Ok(invited);
            }
        }
        Err(InviteError::Registered)
    }

    /// `None` when another account got the address meanwhile.
    async fn attempt(
        &self,
        errand: Errand<'_>,
        invitation: &Invitation,
    ) -> Result<Option<Invited>, InviteError> {
        let mut client = self.core.database.client().await?;
        let tx = client.transaction().await?;
        let Some(invitee) = self.received(&tx, errand, invitation).await? else { return Ok(None) };
        let now = self.core.clock.now();
        let (kind, to) = (LetterKind::Registration, invitation.email.as_str());
        let letter = errand.origin.promise(kind, to, now, self.core.lifetimes.registration);
        let letter = outbox::Promise { account: Some(invitee.account), ..letter };
        self.core.throttle.promise(&tx, &letter, Asking::of(errand.actor)).await?;
        let detail = json!({ "role": invitee.role.name, "tenant": invitee.tenant.name });
        invitee.put_down(&tx, errand, invitation, detail, now).await?.commit(tx).await?;
        self.core.bell.ring();
        Ok(Some(Invited { role: invitee.role.name, tenant: invitee.tenant.name }))
    }

    /// The account for an invitation, made or taken over; `None` when another account got the address meanwhile.
    async fn received(
        &self,
        tx: &impl store::GenericClient,
        errand: Errand<'_>,
        invitation: &Invitation,
    ) -> Result<Option<Invitee>, InviteError> {
        let (role, tenant) = judge(tx, errand, invitation).await?;
        let account = match store::accounts::id_by_email(tx, &invitation.email).await? {
            Some(id) => Some(self.renew(tx, errand, id, &role, &tenant).await?),
            None => self.begin(tx, &invitation.email, &role, &tenant).await?,
        };
        Ok(account.map(|(account, username)| Invitee { account, username, role, tenant }))
    }

    async fn begin(
        &self,
        tx: &impl store::GenericClient,
        email: &EmailAddress,
        role: &Role,
        tenant: &Tenant,
    ) -> Result<Option<(AccountId, Username)>, InviteError> {
        let now = self.core.clock.now();
        let username = self.draw_username();
        let account = NewAccount {
            username: &username,
            email: Some(email),
            full_name: None,
            hash: None,
            role,
            tenant: tenant.id,
            profile: &Profile::default(),
            ucdn: "",
            new_user: true,
            registration_sent: Some(now),
        };
        match store::accounts::insert(tx, &account, now).await {
            Ok(id) => Ok(Some((id, username))),
            Err(StoreError::Taken(Constraint::AccountEmail)) => Ok(None),
            Err(other) => Err(other.into()),
        }
    }

    /// Nobody takes an invitation over that they could not have made (fact sheet Traffic Ops §11-3, §11-4).
    async fn renew(
        &self,
        tx: &impl store::GenericClient,
        errand: Errand<'_>,
        id: AccountId,
        role: &Role,
        tenant: &Tenant,
    ) -> Result<(AccountId, Username), InviteError> {
        let present = endings::taken(tx, id).await?;
        let present = present.filter(|present| present.new_user).ok_or(InviteError::Registered)?;
        let reached = errand.actor.reached(tx, present.tenant.id).await?;
        reached.ok_or(InviteError::TenantOutOfReach)?;
        if let Some(present) = &present.role {
            errand.actor.covers(present).map_err(InviteError::StrongerRole)?;
        }
        let now = self.core.clock.now();
        store::accounts::renew(tx, id, role, tenant.id, now).await?;
        endings::all(tx, id, None, now).await?;
        Ok((id, present.username))
    }

    /// A name until the invited chooses one: nobody can guess it.
    fn draw_username(&self) -> Username {
        let mut bytes = [0; 16];
        self.core.entropy.fill(&mut bytes);
        let digits: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
        Username::stored(format!("registration_{digits}"))
    }
}

/// Who is invited, and to what.
struct Invitee {
    account: AccountId,
    username: Username,
    role: Role,
    tenant: Tenant,
}

impl Invitee {
    /// Puts the invitation down, in the change log and in the trail.
    async fn put_down(
        &self,
        tx: &impl store::GenericClient,
        errand: Errand<'_>,
        invitation: &Invitation,
        detail: Value,
        now: OffsetDateTime,
    ) -> Result<Written, StoreError> {
        let Self { account, username, role, tenant } = self;
        let note = change_log::invited(username, &invitation.email, &role.name, &tenant.name);
        errand.actor.log(tx, &note, now).await?;
        Act::of(AuditKind::Invited, Some(*account), &errand).with(detail).put_down(tx, now).await
    }
}

/// The order is the contract's: fact sheet Traffic Ops §1.7.
async fn judge(
    tx: &impl store::GenericClient,
    errand: Errand<'_>,
    invitation: &Invitation,
) -> Result<(Role, Tenant), InviteError> {
    let tenant = errand.actor.reached(tx, invitation.tenant).await?;
    let tenant = tenant.ok_or(InviteError::TenantOutOfReach)?;
    let role = authority::chosen(tx, &invitation.role).await?.ok_or(InviteError::NoSuchRole)?;
    errand.actor.covers(&role).map_err(InviteError::StrongerRole)?;
    Ok((role, tenant))
}
