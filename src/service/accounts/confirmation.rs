//! Whether whoever is signed in also knows the password: asked before what a borrowed session must not do.

use super::Accounts;
use crate::service::{Caller, Fault, Origin, verification};

impl Accounts {
    /// Whether this is the caller's present password (ASVS 5.0, 6.2.3 and 7.5.1).
    ///
    /// # Errors
    /// [`Fault`].
    pub async fn knows_password(
        &self,
        caller: &Caller,
        password: &str,
        origin: &Origin,
    ) -> Result<bool, Fault> {
        verification::is_password_of(&self.core, &caller.account, password, origin).await
    }
}
