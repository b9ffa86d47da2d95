//! A key that is presented together with the address it was mailed to: good only for the account of both.

use super::{KeyError, Recovery, UnknownAccount};
use crate::{
    domain::{EmailAddress, Password, PasswordContext, PasswordRefused, PasswordRules, ResetKey},
    service::{Fault, Origin},
};

/// What somebody presents.
pub struct AddressedKey<'a> {
    /// The address; `None` if what was given is none.
    pub email: Option<EmailAddress>,
    /// The key; `None` if what was given can't be one.
    pub key: Option<ResetKey>,
    /// The password that is to be set.
    pub password: &'a str,
}

/// How the contract judges it.
pub struct KeyTerms {
    /// Whether an address without an account is told apart from a bad key.
    pub unknown: UnknownAccount,
    /// What the password must fulfil.
    pub rules: PasswordRules,
}

/// Why the password stayed as it was. The order is the order of the checks (fact sheet Teen Quotes §2.3).
#[derive(Debug, thiserror::Error)]
pub enum AddressedKeyError {
    /// No account has the address, and the dialect says so.
    #[error("no account has this address")]
    UnknownAccount,
    /// The password broke a rule. The key, if it is good, still is.
    #[error(transparent)]
    Password(PasswordRefused),
    /// Unknown, used, voided, too old, of another account, or of one that may not sign in: deliberately one case.
    #[error("the key is not good")]
    Refused,
    /// No outcome.
    #[error(transparent)]
    Internal(#[from] Fault),
}

impl Recovery {
    /// Uses a key up for a new password, if it belongs to the account with the address. All sessions and tokens
    /// end; nobody is signed in.
    ///
    /// # Errors
    /// [`AddressedKeyError`]; then nothing was used up.
    pub async fn redeem_addressed(
        &self,
        presented: AddressedKey<'_>,
        terms: &KeyTerms,
        origin: &Origin,
    ) -> Result<(), AddressedKeyError> {
        let AddressedKey { email, key, password } = presented;
        self.core.throttle.admit(origin, self.core.clock.now())?;
        let account = self.account_of(email.as_ref()).await?;
        if account.is_none() && terms.unknown == UnknownAccount::Documented {
            self.core.throttle.charge(origin, self.core.clock.now());
            return Err(AddressedKeyError::UnknownAccount);
        }
        let judge = |about: &PasswordContext<'_>| {
            Password::parse_under(&terms.rules, password, about).map_err(AddressedKeyError::Password)
        };
        // Without the names of the account: whoever has no key must not find out by them who has one.
        judge(&PasswordContext { refused: Some(&self.core.refused_words), ..PasswordContext::default() })?;
        let key = key.ok_or(AddressedKeyError::Refused)?;
        let holder = self.holder(&key, origin).await.map_err(refused)?;
        if account != Some(holder.account) {
            return Err(AddressedKeyError::Refused);
        }
        let about = self.context(&holder);
        let password = judge(&about)?;
        self.spend(&key, holder, password, origin).await.map_err(refused)
    }
}

fn refused(error: KeyError) -> AddressedKeyError {
    match error {
        KeyError::Refused => AddressedKeyError::Refused,
        KeyError::Password(refused) => AddressedKeyError::Password(refused),
        KeyError::Internal(fault) => AddressedKeyError::Internal(fault),
    }
}
