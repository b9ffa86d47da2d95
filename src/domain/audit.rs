//! What is put down in the audit trail.

/// What happened. The name is stored in `latchkey.audit_event.event`; a name that was given is never changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AuditKind {
    /// Somebody signed in.
    SignedIn,
    /// Somebody tried to sign in, and was refused.
    SignInFailed,
    /// Somebody signed out.
    SignedOut,
    /// Sessions and tokens were ended from elsewhere.
    SessionsEnded,
    /// A letter to get back in was asked for.
    ResetAsked,
    /// A key from a letter, or a mailed password, was used.
    ResetDone,
    /// A password was set.
    PasswordChanged,
    /// A new e-mail address was asked for, and is to be confirmed.
    EmailAsked,
    /// The account has another e-mail address.
    EmailChanged,
    /// Somebody was invited.
    Invited,
    /// The invited chose a name and a password.
    Registered,
    /// An account was made.
    AccountCreated,
    /// An account was changed.
    AccountChanged,
    /// The right to sign in was taken away.
    AccountDisabled,
    /// An account was removed.
    AccountRemoved,
    /// A role was made.
    RoleCreated,
    /// A role was changed.
    RoleChanged,
    /// A role was removed.
    RoleRemoved,
    /// A tenant was made.
    TenantCreated,
    /// A tenant was changed.
    TenantChanged,
    /// A tenant was removed.
    TenantRemoved,
    /// A client program was made known.
    ClientAdded,
    /// A client program was forgotten.
    ClientRemoved,
    /// A refresh token came twice, and all tokens of its family ended.
    TokenReused,
}

impl AuditKind {
    /// Every kind there is.
    pub const ALL: [Self; 24] = [
        Self::SignedIn,
        Self::SignInFailed,
        Self::SignedOut,
        Self::SessionsEnded,
        Self::ResetAsked,
        Self::ResetDone,
        Self::PasswordChanged,
        Self::EmailAsked,
        Self::EmailChanged,
        Self::Invited,
        Self::Registered,
        Self::AccountCreated,
        Self::AccountChanged,
        Self::AccountDisabled,
        Self::AccountRemoved,
        Self::RoleCreated,
        Self::RoleChanged,
        Self::RoleRemoved,
        Self::TenantCreated,
        Self::TenantChanged,
        Self::TenantRemoved,
        Self::ClientAdded,
        Self::ClientRemoved,
        Self::TokenReused,
    ];

    /// The stored name.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::SignedIn => "signed_in",
            Self::SignInFailed => "sign_in_failed",
            Self::SignedOut => "signed_out",
            Self::SessionsEnded => "sessions_ended",
            Self::ResetAsked => "reset_asked",
            Self::ResetDone => "reset_done",
            Self::PasswordChanged => "password_changed",
            Self::EmailAsked => "email_asked",
            Self::EmailChanged => "email_changed",
            Self::Invited => "invited",
            Self::Registered => "registered",
            Self::AccountCreated => "account_created",
            Self::AccountChanged => "account_changed",
            Self::AccountDisabled => "account_disabled",
            Self::AccountRemoved => "account_removed",
            Self::RoleCreated => "role_created",
            Self::RoleChanged => "role_changed",
            Self::RoleRemoved => "role_removed",
            Self::TenantCreated => "tenant_created",
            Self::TenantChanged => "tenant_changed",
            Self::TenantRemoved => "tenant_removed",
            Self::ClientAdded => "client_added",
            Self::ClientRemoved => "client_removed",
            Self::TokenReused => "token_reused",
        }
    }

    /// The kind of a stored name; `None` when a later release wrote it.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == name)
    }
}
