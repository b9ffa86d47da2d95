//! The columns of accounts in tables with commas.

use crate::domain::UserLine;

/// Their names, which are those of the fields in JSON, in the order in which they are written.
pub(super) const COLUMNS: [&str; 22] = [
    "username",
    "email",
    "fullName",
    "role",
    "tenant",
    "passwordHash",
    "newUser",
    "registrationSent",
    "lastAuthenticated",
    "lastUpdated",
    "ucdn",
    "addressLine1",
    "addressLine2",
    "city",
    "company",
    "country",
    "gid",
    "phoneNumber",
    "postalCode",
    "publicSshKey",
    "stateOrProvince",
    "uid",
];

/// The column that is left out unless somebody asks for it.
pub(super) const HASH: &str = "passwordHash";

/// The cells of an account, in the order of [`COLUMNS`]. What is not there is an empty cell.
pub(super) fn cells(user: &UserLine) -> anyhow::Result<[String; COLUMNS.len()]> {
    let json = serde_json::to_value(user)?;
    Ok(COLUMNS.map(|column| match json.get(column) {
        None | Some(serde_json::Value::Null) => String::new(),
        Some(serde_json::Value::String(text)) => text.clone(),
        Some(other) => other.to_string(),
    }))
}
