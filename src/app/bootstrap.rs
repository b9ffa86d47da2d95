//! The first administrator, so that a new installation can be entered.

use anyhow::Context as _;
use zeroize::Zeroizing;

use crate::{
    domain::{EmailAddress, GeneratedPassword, Role, Username},
    ports::{Entropy as _, OsEntropy},
    service::{Administration, AdministrationError, Newcomer},
};

/// Who was made.
pub struct FirstAdministrator {
    /// The user name.
    pub username: Username,
    /// Where reset letters go; without one only an operator can set a new password.
    pub email: Option<EmailAddress>,
    /// The password, where this program drew it; it is shown once.
    pub drawn: Option<GeneratedPassword>,
}

/// Makes the user `admin` if there is no account yet.
///
/// The password is that of `LATCHKEY_ADMIN_PASSWORD`, the address that of `LATCHKEY_ADMIN_EMAIL`.
///
/// # Errors
/// When the given password breaks a rule or the database fails.
pub async fn first_administrator(
    administration: &Administration,
) -> anyhow::Result<Option<FirstAdministrator>> {
    if !administration.is_empty().await? {
        return Ok(None);
    }
    let given = std::env::var("LATCHKEY_ADMIN_PASSWORD").ok().map(Zeroizing::new);
    let drawn = given.is_none().then(|| GeneratedPassword::draw(|bytes| OsEntropy.fill(bytes)));
    let email = std::env::var("LATCHKEY_ADMIN_EMAIL").ok();
    let email = email.map(|text| EmailAddress::parse(&text)).transpose().context("LATCHKEY_ADMIN_EMAIL")?;
    let username = Username::parse("admin")?;
    let newcomer = Newcomer {
        username: username.clone(),
        email: email.clone(),
        full_name: Some("Administrator".to_owned()),
        password: given.or_else(|| drawn.as_ref().map(|drawn| Zeroizing::new(drawn.reveal().to_owned()))),
        role: Role::ADMIN.to_owned(),
        tenant: "root".to_owned(),
    };
    match administration.add(newcomer).await {
        Ok(_) => Ok(Some(FirstAdministrator { username, email, drawn })),
        // Another instance that started with us was faster.
        Err(AdministrationError::UsernameTaken) => Ok(None),
        Err(error) => Err(error).context("the first administrator can't be made (LATCHKEY_ADMIN_PASSWORD)"),
    }
}
