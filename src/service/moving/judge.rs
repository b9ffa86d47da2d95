//! Accounts on the move, held against the rules for accounts that begin here.

use time::OffsetDateTime;

use super::{Refusal, Terms};
use crate::{
    domain::{EmailAddress, PasswordHash, UserLine, Username},
    store::import::Arrival,
};

/// What the line of an account says, if all of it can be taken in.
pub(super) fn account(line: UserLine, terms: &Terms, now: OffsetDateTime) -> Result<Judged, Refusal> {
    let username = Username::parse(&line.username)?;
    let email = line.email.as_deref().map(EmailAddress::parse).transpose()?;
    if line.texts().any(|text| text.contains('\0')) || line.full_name.as_deref().is_some_and(has_control) {
        return Err(Refusal::Control);
    }
    let role = match &line.role {
        Some(role) => role.clone(),
        None => Some(terms.role.clone().ok_or(Refusal::NoRole)?),
    };
    let hash = line.password_hash.clone().map(PasswordHash::stored);
    let verifiable = hash.as_ref().map_or(Ok(()), |hash| terms.hasher.can_verify(hash));
    let hash_dropped = match verifiable {
        Err(_) if terms.drop_hashes => true,
        Err(unverifiable) => return Err(unverifiable.into()),
        Ok(()) => false,
    };
    let profile = line.profile();
    let arrival = Arrival {
        username,
        email,
        full_name: line.full_name,
        hash: hash.filter(|_| !hash_dropped),
        role,
        tenant: line.tenant.unwrap_or_else(|| terms.tenant.clone()),
        new_user: line.new_user.unwrap_or_default(),
        registration_sent: line.registration_sent,
        last_authenticated: line.last_authenticated,
        last_updated: line.last_updated.unwrap_or(now),
        ucdn: line.ucdn.unwrap_or_default(),
        profile,
    };
    Ok(Judged { arrival, hash_dropped })
}

/// An account that passed the rules.
pub(super) struct Judged {
    pub(super) arrival: Arrival,
    /// Whether it lost its password on the way.
    pub(super) hash_dropped: bool,
}

/// Mail programs take line feeds in a display name for the next header.
fn has_control(text: &str) -> bool {
    text.chars().any(char::is_control)
}
