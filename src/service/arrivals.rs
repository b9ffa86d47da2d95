//! Where and with what an account is signed in to, and the letter to its holder when that is new.

use serde::Deserialize;
use serde_json::json;
use time::OffsetDateTime;

use super::{
    Core, Fault, Origin,
    audit::Act,
    notices::{self, Notice},
};
use crate::{
    domain::{AccountId, AuditKind, Digest, EmailAddress, LetterKind, Network},
    store::{
        self, GenericClient, StoreError,
        audit::Written,
        devices::{self as device, Device},
    },
};

/// Whom a sign-in from a new place is told.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NewDeviceNotice {
    /// The holder, when it is a browser: programs come from wherever they are started.
    #[default]
    Browsers,
    /// The holder, always.
    Always,
    /// Nobody.
    Never,
}

impl NewDeviceNotice {
    fn tells(self, origin: &Origin) -> bool {
        match self {
            Self::Browsers => is_browser(origin),
            Self::Always => true,
            Self::Never => false,
        }
    }
}

/// The network that a request comes from, as it is noted.
pub(super) fn place(origin: &Origin) -> Option<String> {
    origin.ip.map(|ip| Network::of_place(ip).to_string())
}

/// What a program calls itself, without the numbers that change with every release.
pub(super) fn program(origin: &Origin) -> Digest {
    let name = origin.user_agent.as_deref().unwrap_or_default();
    let constant: String = name.chars().filter(|c| !c.is_ascii_digit() && *c != '.').collect();
    Digest::of(constant.as_bytes())
}

/// Puts down that somebody signed in to an account, and notes from where; the holder hears of it when that is new.
/// `noted` says that place and program were noted today.
pub(super) async fn note(
    core: &Core,
    tx: &impl GenericClient,
    account: AccountId,
    email: Option<&EmailAddress>,
    noted: bool,
    origin: &Origin,
) -> Result<Written, Fault> {
    let now = core.clock.now();
    if !noted
        && recognise(tx, account, origin, now).await? == Some(device::Arrival::New)
        && core.new_device.tells(origin)
        && let Some(email) = email
    {
        let (kind, dialect) = (LetterKind::NewDevice, origin.dialect);
        notices::promise(tx, &Notice { kind, account, to: email, dialect, origin }, now).await?;
    }
    Ok(signed_in(account, origin).put_down(tx, now).await?)
}

/// The sign-in of an account, as it is put down.
pub(super) fn signed_in(account: AccountId, origin: &Origin) -> Act<'_> {
    Act::of_holder(AuditKind::SignedIn, account, origin).with(json!({ "program": origin.user_agent }))
}

/// Notes the place and the program as the holder's; `None` where no place is known.
pub(super) async fn recognise(
    tx: &impl GenericClient,
    account: AccountId,
    origin: &Origin,
    now: OffsetDateTime,
) -> Result<Option<device::Arrival>, StoreError> {
    let Some(place) = place(origin) else { return Ok(None) };
    let device = Device { account, place: &place, program: &program(origin) };
    store::devices::arrive(tx, &device, now).await.map(Some)
}

/// Every browser says so, since the first ones (RFC 9110 §10.1.5 leaves it open; the web decided it).
fn is_browser(origin: &Origin) -> bool {
    origin.user_agent.as_deref().is_some_and(|name| name.starts_with("Mozilla/"))
}
