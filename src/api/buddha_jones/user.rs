//! Signing in and out, and changing one's own password.

use time::Duration;

use super::{
    credentials, form,
    views::{SignedIn, User},
};
use crate::{
    api::{call::Call, problem::Problem, reply::Reply},
    domain::PasswordRefused,
    service::{ChangeOwnPasswordError, Issued, OwnPasswordError, SignInError, SignInName, TokenTerms},
};

/// How long a token lives. Source: fact sheet Buddha Jones §3.2.
const LIFETIME: Duration = Duration::days(1);

/// Signs in with a user name and a password; the earlier token ends.
pub(super) async fn login(call: Call) -> Result<Reply, Problem> {
    let form = form::read(&call).await;
    let (Some(username), Some(password)) = (form.get("username"), form.get("password")) else {
        return Err(Problem::bad_request("Parameters missing"));
    };
    let terms = TokenTerms { dialect: call.origin.dialect, lifetime: Some(LIFETIME) };
    let tokens = &call.site.services.tokens;
    let issued = tokens.sign_in(SignInName::Username(username), password, terms, &call.origin).await;
    let Issued { token, account } = issued.map_err(not_signed_in)?;
    Ok(Reply::view(&SignedIn::of(&account, &token.reveal()))?.saying("Login successful"))
}

/// Signs out: the token, if there is one, ends for good. Anybody may say goodbye.
pub(super) async fn logout(call: Call) -> Result<Reply, Problem> {
    if let Some(token) = credentials::presented(&call.headers) {
        call.site.services.tokens.end(&token, call.origin.dialect).await?;
    }
    Ok(Reply::note("Logout successful"))
}

/// Changes the caller's password. All tokens end with the old one, the caller's too (C17).
pub(super) async fn change_password(call: Call) -> Result<Reply, Problem> {
    let form = form::read(&call).await;
    let old =
        form.get("old_password").ok_or_else(|| Problem::bad_request("Please provide current password."))?;
    let new = form.get("password").ok_or_else(|| Problem::bad_request("Parameters missing"))?;
    let (accounts, caller) = (&call.site.services.accounts, call.caller()?);
    let changed = accounts.change_own_password(caller, old, new, &call.origin).await;
    changed.map_err(not_changed)?;
    Ok(Reply::view(&User::of(&caller.account))?.saying("Request successful"))
}

/// One text for an unknown name and a wrong password (C13).
fn not_signed_in(error: SignInError) -> Problem {
    match error {
        SignInError::Refused => Problem::unauthorized("User name and password does not match"),
        SignInError::Internal(fault) => fault.into(),
    }
}

fn not_changed(error: ChangeOwnPasswordError) -> Problem {
    match error {
        ChangeOwnPasswordError::WrongPassword => Problem::bad_request("Current password does not match."),
        ChangeOwnPasswordError::Own(OwnPasswordError::Refused(broken)) => Problem::bad_request(rule(broken)),
        ChangeOwnPasswordError::Own(OwnPasswordError::SignedOut) => credentials::nobody(),
        ChangeOwnPasswordError::Own(OwnPasswordError::Internal(fault)) => fault.into(),
    }
}

/// The contract has no rules and no words for them.
fn rule(broken: PasswordRefused) -> &'static str {
    match broken {
        PasswordRefused::TooShort { .. } => "Password must have at least 8 characters.",
        PasswordRefused::TooLong => "Password must not have more than 1024 bytes.",
        PasswordRefused::IsUsername => "Password must not be the user name.",
        PasswordRefused::IsEmail => "Password must not be the email address.",
        PasswordRefused::IsFullName => "Password must not be the name of the user.",
        PasswordRefused::TooCommon => "Password is one of the most common ones.",
    }
}
