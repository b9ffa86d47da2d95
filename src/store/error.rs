//! What can go wrong between the server and PostgreSQL.

use deadpool::managed::PoolError;
use tokio_postgres::{
    Error,
    error::{DbError, Severity, SqlState},
};

use super::route::{ConnectError, reasons};

/// Why the database gave no answer. Whatever asks it can meet [`StoreError::Unavailable`] and [`StoreError::Driver`]; where
/// `# Errors` names this type and no more, the function has no reasons of its own.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// A value that must be unique is taken. Who can meet it says of which.
    #[error("{0:?} is taken")]
    Taken(Constraint),
    /// The database can't be reached, takes no writes now, or gave the statement up: it took too long, waited too long for
    /// somebody else, or is short of memory or disk. Trying again later helps.
    #[error("the database is unavailable: {0}")]
    Unavailable(String),
    /// A stored value can't be what it is stored as. Who can meet it says of what.
    #[error("a stored value is corrupt: {0}")]
    Corrupt(String),
    /// Anything else the driver reports, such as a statement that doesn't fit the schema: a defect of ours.
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

impl From<Error> for StoreError {
    fn from(error: Error) -> Self {
        if let Some(report) = error.as_db_error()
            && *report.code() == SqlState::UNIQUE_VIOLATION
            && let Some(constraint) = report.constraint().and_then(Constraint::named)
        {
            return Self::Taken(constraint);
        }
        match Verdict::of(&error) {
            Verdict::Statement => Self::Driver(error),
            Verdict::Busy | Verdict::Refused | Verdict::Lost => Self::Unavailable(reasons(&error)),
        }
    }
}

impl From<PoolError<ConnectError>> for StoreError {
    fn from(error: PoolError<ConnectError>) -> Self {
        match error {
            PoolError::Backend(error) => Self::Unavailable(error.to_string()),
            PoolError::Timeout(_) => Self::Unavailable("no connection was free or made in time".to_owned()),
            other => Self::Unavailable(other.to_string()),
        }
    }
}

/// What an error says about the connection that it came over, and about what was asked (DESIGN section 7).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    /// The statement's own: the connection is good.
    Statement,
    /// The server could not do it now; the connection is good.
    Busy,
    /// The server takes no such statements now. It did nothing, and the connection is of no use.
    Refused,
    /// The connection is gone, and nobody knows what became of the statement.
    Lost,
}

impl Verdict {
    pub(super) fn of(error: &Error) -> Self {
        match error.as_db_error() {
            Some(report) => Self::of_report(report),
            None if error.is_closed() || is_of_the_wire(error) => Self::Lost,
            None => Self::Statement,
        }
    }

    fn of_report(report: &DbError) -> Self {
        let code = report.code();
        // PostgreSQL says 08P01 of a malformed message and goes on; poolers say it of everything and hang up.
        let hangs_up = !matches!(report.parsed_severity(), Some(Severity::Error));
        match code.code() {
            "25006" | "57P03" => Self::Refused,
            "57P01" | "57P02" | "57P05" | "25P03" => Self::Lost,
            "57014" | "40001" | "40P01" | "55P03" | "58030" => Self::Busy,
            code if code.starts_with("08") && hangs_up => Self::Lost,
            code if code.starts_with("53") => Self::Busy,
            _ => Self::Statement,
        }
    }

    /// Whether the connection must not be used again.
    pub(super) fn ends_the_connection(self) -> bool {
        matches!(self, Self::Refused | Self::Lost)
    }

    /// Whether certainly nothing was done.
    pub(super) fn is_refusal(self) -> bool {
        self == Self::Refused
    }
}

fn is_of_the_wire(error: &Error) -> bool {
    std::error::Error::source(error).is_some_and(|source| source.is::<std::io::Error>())
}
