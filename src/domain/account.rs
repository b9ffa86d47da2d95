//! A person or program that may sign in.

use time::OffsetDateTime;

use super::{EmailAddress, Role, Tenant, Username};

/// Identity of an account: `tm_user.id`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct AccountId(pub i64);

/// An account as it is stored, with its role and tenant.
#[derive(Clone)]
pub struct Account {
    /// Database identity.
    pub id: AccountId,
    /// What the holder signs in with.
    pub username: Username,
    /// Where letters to the holder go.
    pub email: Option<EmailAddress>,
    /// The name people call the holder by.
    pub full_name: Option<String>,
    /// What the holder may do; `None` in old databases only, and then nothing.
    pub role: Option<Role>,
    /// The tenant the holder belongs to.
    pub tenant: Tenant,
    /// Whether a password is stored (Traffic Ops calls this a local user).
    pub has_password: bool,
    /// Invited, and has not finished the registration.
    pub new_user: bool,
    /// When the invitation was sent.
    pub registration_sent: Option<OffsetDateTime>,
    /// When the holder last signed in; at most a minute behind.
    pub last_authenticated: Option<OffsetDateTime>,
    /// When the account was last changed by somebody.
    pub last_updated: OffsetDateTime,
    /// The upstream CDN the account acts for, `""` for none.
    pub ucdn: String,
    /// The free fields.
    pub profile: Profile,
}

impl Account {
    /// Whether the holder may sign in at all: not without a role, nor with the one that says so.
    pub fn may_sign_in(&self) -> bool {
        self.role.as_ref().is_some_and(Role::may_sign_in)
    }
}

/// The free fields of an account: nothing is decided by them.
///
/// Source: fact sheet Traffic Ops §2.1.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Profile {
    /// First line of a postal address.
    pub address_line1: Option<String>,
    /// Second line of a postal address.
    pub address_line2: Option<String>,
    /// City of a postal address.
    pub city: Option<String>,
    /// Employer.
    pub company: Option<String>,
    /// Country of a postal address.
    pub country: Option<String>,
    /// POSIX group id.
    pub gid: Option<i64>,
    /// Telephone number, as written.
    pub phone_number: Option<String>,
    /// Postal code of a postal address.
    pub postal_code: Option<String>,
    /// SSH public key, as written.
    pub public_ssh_key: Option<String>,
    /// State or province of a postal address.
    pub state_or_province: Option<String>,
    /// POSIX user id.
    pub uid: Option<i64>,
}
