//! Failures that are nobody's outcome: logged once, here, and told to clients without their cause.

use crate::{ports::Overloaded, store::StoreError};

/// Why a use case could not come to an outcome.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    /// The database is away; later it works.
    #[error("the database is away")]
    Unavailable,
    /// Too many passwords wait to be hashed; later it works.
    #[error("too many sign-ins wait")]
    Overloaded,
    /// It was tried too often; after so many seconds it may be tried again.
    #[error("too many attempts")]
    Throttled {
        /// Whole seconds, at least one.
        seconds: u32,
    },
    /// A defect.
    #[error("internal fault")]
    Broken,
}

impl From<StoreError> for Fault {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Unavailable(cause) => {
                tracing::warn!(%cause, "the database is unavailable");
                Self::Unavailable
            }
            broken @ (StoreError::Taken(_) | StoreError::Corrupt(_) | StoreError::Driver(_)) => {
                let cause = std::error::Error::source(&broken).map(ToString::to_string);
                tracing::error!(error = %broken, cause, "a store operation failed");
                Self::Broken
            }
        }
    }
}

impl From<Overloaded> for Fault {
    fn from(_: Overloaded) -> Self {
        tracing::warn!("a password was not hashed: the queue is full");
        Self::Overloaded
    }
}

/// Whatever the store reports is a fault where nothing that a client chose can be taken already.
macro_rules! store_faults {
    ($($error:ty),+) => { $(
        impl From<$crate::store::StoreError> for $error {
            fn from(error: $crate::store::StoreError) -> Self {
                Self::Internal(error.into())
            }
        }
    )+ };
}
pub(super) use store_faults;
