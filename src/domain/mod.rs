//! Accounts and the words used about them: pure values, no input or output.

mod account;
pub mod common_passwords;
mod digest;
mod email;
mod letter;
mod password;
mod reset_key;
mod role;
mod session;
mod tenant;
mod username;

pub use account::{Account, AccountId, Profile};
pub use digest::Digest;
pub use email::{EmailAddress, EmailRefused};
pub use letter::LetterKind;
pub use password::{
    Password, PasswordAttempt, PasswordContext, PasswordHash, PasswordRefused, PasswordRules,
};
pub use reset_key::ResetKey;
pub use role::{Permission, Role, RoleId};
pub use session::{SessionId, SessionToken};
pub use tenant::{Tenant, TenantId};
pub use username::{Username, UsernameRefused};
