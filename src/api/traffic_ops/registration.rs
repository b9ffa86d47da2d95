//! Invitations.
//!
//! Source of rules and texts: fact sheet Traffic Ops §1.7.

use super::{
    tenants::OUT_OF_REACH,
    users::{From4, Manner, UpTo3},
    whole::RoleField,
};
use crate::{
    api::{
        call::Call,
        fields::{Fields, Given, Misread},
        problem::Problem,
        reply::Reply,
    },
    domain::{EmailAddress, TenantId},
    service::{Invitation, InviteError, Lacking, RoleChoice},
};

/// How a family of versions words invitations.
pub(super) trait Words: Manner {
    /// In front of what is said of a body that can't be read.
    const UNREAD: &'static str;
    /// In front of what is said of a form that breaks rules.
    const INVALID: &'static str;
    /// What is said of a role that was left out.
    const NO_ROLE: &'static str;

    /// What is said of a role that does not exist.
    fn unknown_role(role: &RoleChoice) -> String;

    /// What is said of a role that grants what the caller does not hold.
    fn stronger_role(lacking: &Lacking) -> String;
}

impl Words for UpTo3 {
    const UNREAD: &'static str = "decoding: ";
    const INVALID: &'static str = "validating: ";
    const NO_ROLE: &'static str = "role: required and cannot be zero";

    fn unknown_role(role: &RoleChoice) -> String {
        format!("No such role: {role}")
    }

    fn stronger_role(_: &Lacking) -> String {
        "Cannot register a user with a role with higher privileges than yourself".to_owned()
    }
}

impl Words for From4 {
    const UNREAD: &'static str = "";
    const INVALID: &'static str = "";
    const NO_ROLE: &'static str = "role: required and cannot be empty";

    fn unknown_role(_: &RoleChoice) -> String {
        "no such role".to_owned()
    }

    fn stronger_role(lacking: &Lacking) -> String {
        Self::too_strong(lacking)
    }
}

/// `POST users/register`
pub(super) async fn register<M: Words>(call: Call) -> Result<Reply, Problem> {
    let invitation = form::<M>(&call)?;
    let invited = call.site.services.registration.invite(call.errand(M::WORDS)?, &invitation).await;
    let invited = invited.map_err(|error| match error {
        InviteError::TenantOutOfReach => Problem::forbidden(OUT_OF_REACH),
        InviteError::NoSuchRole => Problem::not_found(M::unknown_role(&invitation.role)),
        InviteError::StrongerRole(lacking) => Problem::forbidden(M::stronger_role(&lacking)),
        InviteError::Registered => {
            let text = "User already exists and has completed registration.";
            Problem::new(http::StatusCode::CONFLICT, text)
        }
        InviteError::Internal(fault) => fault.into(),
    })?;
    Ok(Reply::note(format!(
        "Sent user registration to {} with the following permissions [ role: {} | tenant: {} ]",
        invitation.email, invited.role, invited.tenant
    )))
}

fn form<M: Words>(call: &Call) -> Result<Invitation, Problem> {
    let unread = |text: String| Problem::bad_request(format!("{}{text}", M::UNREAD));
    let misread = |error: Misread| unread(error.to_string());
    let fields = call.fields().map_err(misread)?;
    let email = match fields.text("email").map_err(misread)? {
        Given::Absent | Given::Null => None,
        Given::Value(text) => Some(
            EmailAddress::parse_mailbox(&text)
                .map_err(|_| unread(format!("Couldn't parse '{text}' as an email address")))?,
        ),
    };
    let role =
        M::ROLE.read(&fields).and_then(|role| unsigned(&fields, M::ROLE).map(|()| role)).map_err(misread)?;
    let tenant = fields.integer("tenantId").map_err(misread)?.value().filter(|tenant| *tenant != 0);
    match (role, tenant, email) {
        (Some(role), Some(tenant), Some(email)) => Ok(Invitation { email, role, tenant: TenantId(tenant) }),
        (role, tenant, email) => {
            let missing = [
                role.is_none().then_some(M::NO_ROLE),
                tenant.is_none().then_some("tenantId: required and cannot be zero"),
                email.is_none().then_some("email: required"),
            ];
            let missing: Vec<_> = missing.into_iter().flatten().collect();
            Err(Problem::bad_request(format!("{}{}", M::INVALID, missing.join(", "))))
        }
    }
}

/// Identities are never negative here.
fn unsigned(fields: &Fields, role: RoleField) -> Result<(), Misread> {
    let numbers: &[&'static str] = match role {
        RoleField::Id => &["role", "tenantId"],
        RoleField::Name => &["tenantId"],
    };
    for field in numbers {
        if matches!(fields.integer(field)?, Given::Value(number) if number < 0) {
            return Err(Misread::Kind { field, expected: "a whole number that is not negative" });
        }
    }
    Ok(())
}
