//! Use cases: one verb each, one transaction each, in words that know neither HTTP nor SQL.

mod accounts;
mod actor;
mod administration;
mod arrivals;
mod audit;
mod authority;
mod change_log;
mod clients;
mod deed;
mod endings;
mod fault;
mod letters;
pub mod moving;
mod notices;
mod oauth;
mod origin;
mod passwords;
mod readiness;
mod recovery;
mod registration;
mod roles;
mod sessions;
mod tenants;
mod throttle;
mod together;
mod tokens;
mod users;
mod verification;

use std::sync::Arc;

use time::Duration;

pub use crate::store::sessions::OpenSession;
pub use accounts::{
    Accounts, ChangeOwnPasswordError, ConfirmEmailError, OwnPasswordError, OwnUpdate, UpdateError,
};
pub use actor::{Actor, Errand};
pub use administration::{Administration, AdministrationError, Newcomer};
pub use arrivals::NewDeviceNotice;
pub use audit::{Audit, AuditEvent, AuditFilter};
pub use authority::{Lacking, RoleChoice};
pub use change_log::LogWords;
pub use clients::{ClientError, Clients, KnownClient, OauthClient};
pub use fault::Fault;
pub use letters::{Entry, Figures, Letters, LettersError, Retry, Shelf};
pub use oauth::{Bearer, GrantError, Granted, Oauth};
pub use origin::Origin;
pub use readiness::{Readiness, Unready};
pub use recovery::{
    AcceptError, Acceptance, AddressedKey, AddressedKeyError, HandOverError, HandedOver, KeyError, KeyTerms,
    LetterTerms, NamedResetError, Opens, Recovery, ResetError, UnknownAccount,
};
pub use registration::{Invitation, InviteError, Invited, Registration};
pub use roles::{ApiCapability, Capability, RoleDraft, RoleError, RoleFilter, RoleOrder, Roles};
pub use sessions::{Caller, Proof, Sessions, SignInError, SignedIn};
pub use tenants::{TenantDraft, TenantError, TenantFilter, TenantOrder, Tenants};
pub use throttle::{Throttle, ThrottleSettings};
pub use tokens::{Issued, TokenTerms, Tokens};
pub use users::{ChangeError, CreateError, Directory, HelpError, LeftOut, RemoveError, Users, Wanted};
pub use verification::SignInName;

use crate::{
    domain::RefusedWords,
    ports::{Bell, Clock, Counters, Entropy, Hasher},
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
    /// A password that was drawn and mailed, from the request, until somebody signs in with it.
    pub mailed_password: Duration,
    /// The key of an invitation.
    pub registration: Duration,
    /// The memory that a password was right; none means that every sign-in is judged from the beginning.
    pub verified_password: Duration,
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
    /// What is worth counting, such as refusals by a throttle.
    pub counters: Counters,
    /// How long things live.
    pub lifetimes: Lifetimes,
    /// How often anybody may try.
    pub throttle: Throttle,
    /// What nobody's password may be here.
    pub refused_words: RefusedWords,
    /// Whom a sign-in from somewhere new is told.
    pub new_device: NewDeviceNotice,
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
    /// Tokens of the contracts where an account has one.
    pub tokens: Tokens,
    /// Client programs.
    pub clients: Clients,
    /// Tokens for them.
    pub oauth: Oauth,
    /// What people may do.
    pub roles: Roles,
    /// Where they may do it.
    pub tenants: Tenants,
    /// Invitations.
    pub registration: Registration,
    /// Other people's accounts, for those who hold the permissions.
    pub users: Users,
    /// Whether requests should be sent here at this moment.
    pub readiness: Readiness,
    /// The outbox, for those who look after mail.
    pub letters: Letters,
    /// What was done, by whom, from where.
    pub audit: Audit,
    /// Other people's accounts, for operators.
    pub administration: Administration,
    /// Many accounts at once, from elsewhere.
    pub moving: moving::Moving,
}

impl Services {
    /// The use cases over one core.
    pub fn new(core: Core) -> Self {
        let sessions = Sessions::new(core.clone());
        Self {
            recovery: Recovery::new(core.clone(), sessions.clone()),
            sessions,
            accounts: Accounts::new(core.clone()),
            tokens: Tokens::new(core.clone()),
            clients: Clients::new(core.clone()),
            oauth: Oauth::new(core.clone()),
            roles: Roles::new(core.clone()),
            tenants: Tenants::new(core.clone()),
            registration: Registration::new(core.clone()),
            users: Users::new(core.clone()),
            readiness: Readiness::new(core.clone()),
            letters: Letters::new(core.clone()),
            audit: Audit::new(core.clone()),
            administration: Administration::new(core.clone()),
            moving: moving::Moving::new(core),
        }
    }
}
