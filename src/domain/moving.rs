//! Tenants, roles and accounts as they travel between installations: the words of a file, which nobody has judged yet.

use serde::{Deserialize, Deserializer, Serialize};
use time::{OffsetDateTime, serde::rfc3339};

use super::Profile;

/// One line of a file, or one row of another database.
#[derive(Deserialize, Serialize)]
#[serde(tag = "kind", rename_all = "lowercase")]
pub enum MovingLine {
    /// A tenant. The one above it comes first.
    Tenant(TenantLine),
    /// A role with what it grants.
    Role(RoleLine),
    /// An account. Its role and its tenant come first.
    User(Box<UserLine>),
}

/// A tenant on the move.
#[derive(Clone, Debug, Deserialize, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct TenantLine {
    /// Its name.
    pub name: String,
    /// The name of the tenant above it; none for the root.
    #[serde(default)]
    pub parent: Option<String>,
    /// Whether its people may sign in.
    #[serde(default)]
    pub active: bool,
}

/// A role on the move.
#[derive(Clone, Debug, Deserialize, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct RoleLine {
    /// Its name.
    pub name: String,
    /// What it is for.
    #[serde(default)]
    pub description: String,
    /// The level that 3.x shows.
    #[serde(default)]
    pub priv_level: i64,
    /// The names of the permissions that it grants, in order.
    #[serde(default)]
    pub permissions: Vec<String>,
}

/// An account on the move. The names of the fields are those of the API's users (fact sheet Traffic Ops §2.1).
#[derive(Default, Deserialize, Serialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct UserLine {
    /// What the holder signs in with.
    pub username: String,
    /// Where the holder's mail goes.
    pub email: Option<String>,
    /// The name people call the holder by.
    pub full_name: Option<String>,
    /// The name of the role: `None` if the line does not speak of it, `Some(None)` if it says that there is none.
    #[serde(deserialize_with = "said", skip_serializing_if = "Option::is_none")]
    pub role: Option<Option<String>>,
    /// The name of the tenant.
    pub tenant: Option<String>,
    /// The stored form of the password, in any scheme that can be verified.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub password_hash: Option<String>,
    /// Invited, and has not finished the registration.
    pub new_user: Option<bool>,
    /// When the invitation was sent.
    #[serde(with = "rfc3339::option")]
    pub registration_sent: Option<OffsetDateTime>,
    /// When the holder last signed in.
    #[serde(with = "rfc3339::option")]
    pub last_authenticated: Option<OffsetDateTime>,
    /// When the account was last changed.
    #[serde(with = "rfc3339::option")]
    pub last_updated: Option<OffsetDateTime>,
    /// The upstream CDN the account acts for.
    pub ucdn: Option<String>,
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

/// Tells `null` from nothing.
fn said<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Option<String>>, D::Error> {
    Option::deserialize(deserializer).map(Some)
}

impl UserLine {
    /// The free fields.
    pub fn profile(&self) -> Profile {
        Profile {
            address_line1: self.address_line1.clone(),
            address_line2: self.address_line2.clone(),
            city: self.city.clone(),
            company: self.company.clone(),
            country: self.country.clone(),
            gid: self.gid,
            phone_number: self.phone_number.clone(),
            postal_code: self.postal_code.clone(),
            public_ssh_key: self.public_ssh_key.clone(),
            state_or_province: self.state_or_province.clone(),
            uid: self.uid,
        }
    }

    /// Every text of the line, for rules that hold for all of them.
    pub fn texts(&self) -> impl Iterator<Item = &str> {
        [
            Some(&self.username),
            self.email.as_ref(),
            self.full_name.as_ref(),
            self.role.as_ref().and_then(Option::as_ref),
            self.tenant.as_ref(),
            self.password_hash.as_ref(),
            self.ucdn.as_ref(),
            self.address_line1.as_ref(),
            self.address_line2.as_ref(),
            self.city.as_ref(),
            self.company.as_ref(),
            self.country.as_ref(),
            self.phone_number.as_ref(),
            self.postal_code.as_ref(),
            self.public_ssh_key.as_ref(),
            self.state_or_province.as_ref(),
        ]
        .into_iter()
        .flatten()
        .map(String::as_str)
    }
}
