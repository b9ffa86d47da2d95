//! What can go wrong between the server and PostgreSQL.

use deadpool_postgres::PoolError;
use tokio_postgres::error::SqlState;

/// A failed look at the database.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// A value that must be unique is taken.
    #[error("{0:?} is taken")]
    Taken(Constraint),
    /// The database can't be reached or doesn't take writes now; trying again later helps.
    #[error("the database is unavailable: {0}")]
    Unavailable(String),
    /// A stored value can't be read as what it must be.
    #[error("a stored value is corrupt: {0}")]
    Corrupt(String),
    /// Anything else the driver reports: a defect of ours.
    #[error("the database driver reports: {0}")]
    Driver(#[source] tokio_postgres::Error),
}

/// Unique constraints that a client's values can run into, by their names in `schema/`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Constraint {
    /// Two accounts with one user name.
    AccountUsername,
    /// Two accounts with one e-mail address, compared without case.
    AccountEmail,
    /// Two roles with one name.
    RoleName,
    /// Two tenants with one name.
    TenantName,
    /// Two OAuth clients with one name.
    ClientId,
}

impl Constraint {
    fn named(name: &str) -> Option<Self> {
        match name {
            "idx_89765_username_unique" => Some(Self::AccountUsername),
            "tm_user_email_caseless_unique" | "idx_89765_tmuser_email_unique" => Some(Self::AccountEmail),
            "role_name_unique" => Some(Self::RoleName),
            "tenant_name_key" => Some(Self::TenantName),
            "oauth_client_pkey" => Some(Self::ClientId),
            _ => None,
        }
    }
}

impl From<tokio_postgres::Error> for StoreError {
    fn from(error: tokio_postgres::Error) -> Self {
        let Some(report) = error.as_db_error() else {
            return match error.is_closed()
                || std::error::Error::source(&error).is_some_and(|s| s.is::<std::io::Error>())
            {
                true => Self::Unavailable(error.to_string()),
                false => Self::Driver(error),
            };
        };
        if *report.code() == SqlState::UNIQUE_VIOLATION
            && let Some(constraint) = report.constraint().and_then(Constraint::named)
        {
            return Self::Taken(constraint);
        }
        match passes_by_itself(report.code()) {
            true => Self::Unavailable(report.to_string()),
            false => Self::Driver(error),
        }
    }
}

/// Conditions of the server, not of the statement: starting, stopping, demoted, full.
fn passes_by_itself(code: &SqlState) -> bool {
    matches!(code.code().get(..2), Some("08" | "53"))
        || [
            SqlState::READ_ONLY_SQL_TRANSACTION,
            SqlState::ADMIN_SHUTDOWN,
            SqlState::CRASH_SHUTDOWN,
            SqlState::CANNOT_CONNECT_NOW,
            SqlState::QUERY_CANCELED,
        ]
        .contains(code)
}

impl From<PoolError> for StoreError {
    fn from(error: PoolError) -> Self {
        match error {
            PoolError::Backend(error) => Self::Unavailable(error.to_string()),
            other => Self::Unavailable(other.to_string()),
        }
    }
}
