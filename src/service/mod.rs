//! Use cases: one verb each, one transaction each, in words that know neither HTTP nor SQL.

mod accounts;
mod administration;
mod fault;
mod passwords;
mod recovery;
mod sessions;

use std::sync::Arc;

use time::Duration;

pub use accounts::{Accounts, OwnUpdate, RoleChoice, UpdateError};
pub use administration::{Administration, AdministrationError, Newcomer};
pub use fault::Fault;
pub use recovery::{KeyError, Recovery, ResetError, UnknownAccount};
pub use sessions::{Caller, Sessions, SignInError, SignedIn};

use crate::{
    ports::{Bell, Clock, Entropy, Hasher},
    store::Database,
};

/// How long things live.
#[derive(Clone, Copy, Debug)]
pub struct Lifetimes {
    /// A session, from the sign-in.
    pub session_at_sign_in: Duration,
    /// A session, from each authenticated reply.
    pub session_at_renewal: Duration,
    /// A session, whatever happens.
    pub session_at_most: Duration,
    /// A reset key, from the request.
    pub reset_key: Duration,
}

/// What every use case draws on.
#[derive(Clone)]
pub struct Core {
    /// Where accounts are stored.
    pub database: Database,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// Chance.
    pub entropy: Arc<dyn Entropy>,
    /// The threads that hash passwords.
    pub hasher: Hasher,
    /// Wakes the courier.
    pub bell: Bell,
    /// How long things live.
    pub lifetimes: Lifetimes,
}

/// Where a request came from: for the holder to recognise, never to decide by.
#[derive(Clone, Debug, Default)]
pub struct Origin {
    /// The client's address.
    pub address: Option<String>,
    /// The client's own name for itself, cut to 200 characters.
    pub user_agent: Option<String>,
}

/// All use cases; cheap to clone.
#[derive(Clone)]
pub struct Services {
    /// Signing in and out.
    pub sessions: Sessions,
    /// Getting back in.
    pub recovery: Recovery,
    /// One's own account.
    pub accounts: Accounts,
    /// Other people's accounts, for operators.
    pub administration: Administration,
}

impl Services {
    /// The use cases over one core.
    pub fn new(core: Core) -> Self {
        Self {
            sessions: Sessions::new(core.clone()),
            recovery: Recovery::new(core.clone()),
            accounts: Accounts::new(core.clone()),
            administration: Administration::new(core),
        }
    }
}
