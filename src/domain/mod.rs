//! Accounts, the words used about them and the secrets that open them: pure values, no input or output.

mod account;
mod alphanumeric;
mod audit;
pub mod common_passwords;
mod digest;
mod directory;
mod email;
mod label;
mod letter;
mod lookalike;
mod moving;
mod network;
mod oauth;
mod password;
mod precondition;
mod refused_words;
mod role;
mod secret_text;
mod slice;
mod tenant;
mod token;
mod username;

pub use account::{Account, AccountId, Profile};
pub use alphanumeric::{BearerToken, GeneratedPassword, ResetKey};
pub use audit::AuditKind;
pub use digest::Digest;
pub use directory::{AccountFilter, AccountOrder, AccountText, Listed};
pub use email::{EmailAddress, EmailRefused};
pub use label::{Label, LabelRefused};
pub use letter::LetterKind;
pub use moving::{MovingLine, RoleLine, TenantLine, UserLine};
pub use network::Network;
pub use oauth::{ClientId, ClientIdRefused, TokenFamilyId};
pub use password::{
    Password, PasswordAttempt, PasswordContext, PasswordHash, PasswordRefused, PasswordRules,
};
pub use precondition::Precondition;
pub use refused_words::RefusedWords;
pub use role::{DescribedRole, Permission, Role, RoleId, derived_level};
pub use secret_text::SecretText;
pub use slice::Slice;
pub use tenant::{Tenant, TenantId, TenantNode};
pub use token::{AuthToken, AuthTokenId, SessionId, SessionToken, Token};
pub use username::{Username, UsernameRefused};
