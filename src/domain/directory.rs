//! Lists of accounts: what they can be narrowed and sorted by, and what a member shows.

use super::{Account, AccountId, Permission};

/// A condition on an account; a list holds whoever meets all that were given.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AccountFilter {
    /// Its identity.
    Id(AccountId),
    /// Whether an invitation is open.
    NewUser(bool),
    /// One of its texts. Addresses are compared without case.
    Text(AccountText, String),
    /// What its user name, address or full name has in it, without case.
    Containing(String),
    /// A permission that is stored for its role. Those that `admin` has by its name don't count.
    Permission(Permission),
}

/// What a list of accounts can be sorted by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AccountOrder {
    /// Identity.
    Id,
    /// Whether an invitation is open; those without come first.
    NewUser,
    /// One of the texts, in the database's own order of letters.
    Text(AccountText),
}

/// A text of an account.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AccountText {
    /// What the holder signs in with.
    Username,
    /// The name of the role.
    Role,
    /// The name of the tenant.
    Tenant,
    /// Where letters to the holder go.
    Email,
    /// The name people call the holder by.
    FullName,
    /// Employer.
    Company,
    /// City of a postal address.
    City,
    /// State or province of a postal address.
    StateOrProvince,
    /// Country of a postal address.
    Country,
    /// Postal code of a postal address.
    PostalCode,
}

/// A member of a list of accounts.
pub struct Listed {
    /// The account. Its role has a name but no permissions: a list is for reading, nothing is decided by it.
    pub account: Account,
    /// How many change-log rows the account has written; 0 where that was not asked for.
    pub changes: i64,
}
