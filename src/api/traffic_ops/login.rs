//! Signing in and out.

use zeroize::Zeroizing;

use crate::{
    api::{
        call::Call,
        fields::Misread,
        problem::Problem,
        refuse_foreign,
        reply::{Reply, SessionChange},
    },
    domain::ResetKey,
    service::{KeyError, SignInError, SignedIn},
};

/// Body of `login`.
struct LoginForm {
    username: String,
    password: Zeroizing<String>,
}

impl LoginForm {
    fn read(call: &Call) -> Result<Self, Problem> {
        let fields = call.fields()?;
        let username = fields.text("u")?.value().unwrap_or_default();
        let password = Zeroizing::new(fields.text("p")?.value().unwrap_or_default());
        match username.is_empty() || password.is_empty() {
            true => Err(Problem::bad_request("username and password are required")),
            false => Ok(Self { username, password }),
        }
    }
}

/// Signs in with a user name and a password.
pub(super) async fn with_password(call: Call) -> Result<Reply, Problem> {
    refuse_foreign(&call.headers, &call.site)?;
    let LoginForm { username, password } = LoginForm::read(&call)?;
    let sessions = &call.site.services.sessions;
    let signed_in = sessions.sign_in(&username, &password, &call.origin).await.map_err(refused)?;
    welcome(&call, signed_in, true).await
}

/// Signs in with the key of a reset letter, which is used up by it.
pub(super) async fn with_token(call: Call) -> Result<Reply, Problem> {
    refuse_foreign(&call.headers, &call.site)?;
    let misread = |error: Misread| Problem::bad_request(format!("Invalid request: {error}"));
    let text = call.fields().and_then(|fields| fields.text("t")).map_err(misread)?;
    let key = text.value().and_then(|text| ResetKey::parse(&text)).ok_or_else(bad_token)?;
    let recovery = &call.site.services.recovery;
    let signed_in = recovery.sign_in(&key, &call.origin).await.map_err(key_refused)?;
    welcome(&call, signed_in, false).await
}

/// A session that came with the sign-in ends: nobody gets two from one client (ASVS 5.0, 7.2.4).
async fn welcome(call: &Call, signed_in: SignedIn, with_access_token: bool) -> Result<Reply, Problem> {
    if let Some(earlier) = &call.caller {
        call.site.services.sessions.end(earlier, &call.origin).await?;
    }
    let change = SessionChange::Opened { signed_in, with_access_token };
    Ok(Reply::note("Successfully logged in.").changing(change))
}

/// Signs out: the session ends for good.
pub(super) async fn out(call: Call) -> Result<Reply, Problem> {
    call.site.services.sessions.end(call.caller()?, &call.origin).await?;
    Ok(Reply::note("You are logged out.").changing(SessionChange::Ended))
}

fn refused(error: SignInError) -> Problem {
    match error {
        SignInError::Refused => Problem::unauthorized("Invalid username or password."),
        SignInError::Internal(fault) => fault.into(),
    }
}

fn key_refused(error: KeyError) -> Problem {
    match error {
        KeyError::Refused | KeyError::Password(_) => bad_token(),
        KeyError::Internal(fault) => fault.into(),
    }
}

fn bad_token() -> Problem {
    Problem::unauthorized("Invalid token. Please contact your administrator.")
}
