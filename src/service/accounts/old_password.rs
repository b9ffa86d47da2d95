//! A new password for one's own account, by somebody who is signed in and knows the old one.

use super::{Accounts, OwnPasswordError};
use crate::{
    domain::PasswordRules,
    service::{Caller, Fault, Origin, verification},
};

/// Why the password stayed as it was.
#[derive(Debug, thiserror::Error)]
pub enum ChangeOwnPasswordError {
    /// The old password is not the account's.
    #[error("the old password is wrong")]
    WrongPassword,
    /// The new password, or the caller.
    #[error(transparent)]
    Own(#[from] OwnPasswordError),
}

impl From<Fault> for ChangeOwnPasswordError {
    fn from(fault: Fault) -> Self {
        Self::Own(fault.into())
    }
}

impl Accounts {
    /// Changes the caller's password. Every session and token ends, the caller's own too.
    ///
    /// # Errors
    /// [`ChangeOwnPasswordError`]; then nothing was changed.
    pub async fn change_own_password(
        &self,
        caller: &Caller,
        old: &str,
        new: &str,
        origin: &Origin,
    ) -> Result<(), ChangeOwnPasswordError> {
        if !verification::is_password_of(&self.core, &caller.account, old, origin).await? {
            return Err(ChangeOwnPasswordError::WrongPassword);
        }
        let password = self.judge_own_password(caller, new, &PasswordRules::STRICT);
        let password = password.map_err(OwnPasswordError::from)?;
        Ok(self.replace_own_password(caller, password, None, origin).await?)
    }
}
