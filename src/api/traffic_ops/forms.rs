//! What clients send about their own account: whole in 4.0 and later, as a patch in 3.x.

use zeroize::Zeroizing;

use super::whole::{RoleField, Sent, Whole, password_refused, profile};
use crate::{
    api::{
        fields::{Fields, Given, Misread},
        problem::Problem,
    },
    domain::{Account, EmailAddress, Password, PasswordContext, RefusedWords, RoleId, TenantId, Username},
    service::{OwnUpdate, RoleChoice},
};

/// Body of `PUT user/current` in 4.0 and later: replaces everything but the password.
///
/// It clears what it leaves out, except the POSIX ids, which old clients don't know.
pub(super) fn replacement(
    fields: &Fields,
    own: &Account,
    refused: &RefusedWords,
) -> Result<OwnUpdate, Problem> {
    let sent = Sent::read(fields, RoleField::Name, Some(own)).map_err(misread)?;
    let Whole { username, email, full_name, role, tenant, profile, password, .. } = sent.checked(refused)?;
    Ok(OwnUpdate {
        username,
        email: Some(email),
        full_name: Some(full_name),
        role,
        tenant,
        profile,
        password,
    })
}

/// Body of `PUT user/current` in 3.x: `{"user": {…}}`, where absent keeps and `null` clears.
///
/// Order and texts: fact sheet Traffic Ops §1.9.
pub(super) fn patch(fields: &Fields, own: &Account, words: &RefusedWords) -> Result<OwnUpdate, Problem> {
    let user = fields.object("user").map_err(misread)?;
    let user = user.ok_or_else(|| Problem::bad_request("missing required 'user' object"))?;
    let password = user.text("localPasswd").map_err(misread)?.value().map(Zeroizing::new);
    let (patch, refused) = patched(&user, own);
    match patch {
        Some(update) if refused.is_empty() => with_password(update, password, words),
        _ => Err(Problem::bad_request(format!("couldn't parse request: {}", refused.join(", ")))),
    }
}

fn with_password(
    update: OwnUpdate,
    password: Option<Zeroizing<String>>,
    words: &RefusedWords,
) -> Result<OwnUpdate, Problem> {
    let Some(text) = password.filter(|text| !text.is_empty()) else { return Ok(update) };
    let about = PasswordContext {
        username: Some(update.username.as_str()),
        email: update.email.as_ref().map(EmailAddress::as_str),
        full_name: update.full_name.as_deref(),
        refused: Some(words),
    };
    let password = Password::parse(&text, &about);
    let password = password.map_err(|refused| Problem::bad_request(password_refused(refused)))?;
    Ok(OwnUpdate { password: Some(password), ..update })
}

/// Every refusal is collected, in the contract's order of fields.
fn patched(user: &Fields, own: &Account) -> (Option<OwnUpdate>, Vec<String>) {
    let mut refused = Vec::new();
    let profile = profile(user, &own.profile).map_err(|error| refused.push(error.to_string())).ok();
    let email = patched_email(user, own).map_err(|text| refused.push(text)).ok();
    let full_name = required(user.stored_text("fullName"), own.full_name.clone().unwrap_or_default());
    let full_name = full_name.map_err(|error| {
        refused.push(error.unwrap_or("fullName: cannot be set to 'null' or empty string".into()))
    });
    match user.integer("id") {
        Ok(Given::Value(id)) if id != own.id.0 => refused.push("id: cannot change user id".into()),
        Ok(_) => {}
        Err(error) => refused.push(error.to_string()),
    }
    let present_role = own.role.as_ref().map_or(0, |role| role.id.0);
    let role = number(user, "role", present_role).map_err(|text| refused.push(text));
    let tenant = number(user, "tenantID", own.tenant.id.0).map_err(|text| refused.push(text));
    let username = required(user.text("username"), own.username.to_string())
        .map_err(|error| error.unwrap_or("username: cannot be null or empty string".into()))
        .and_then(|text| Username::parse(&text).map_err(|error| format!("username: {error}")))
        .map_err(|text| refused.push(text));
    let update = (|| {
        Some(OwnUpdate {
            username: username.ok()?,
            email: email?,
            full_name: Some(full_name.ok()?).filter(|name| !name.is_empty()),
            role: RoleChoice::Id(RoleId(role.ok()?)),
            tenant: TenantId(tenant.ok()?),
            profile: profile?,
            password: None,
        })
    })();
    (update, refused)
}

fn patched_email(user: &Fields, own: &Account) -> Result<Option<EmailAddress>, String> {
    let present = own.email.as_ref().map(EmailAddress::to_string).unwrap_or_default();
    let given = user.text("email").map_err(|error| error.to_string())?;
    match given {
        Given::Absent => Ok(own.email.clone()),
        Given::Null => Err("email: cannot be null or an empty string".into()),
        Given::Value(text) if text.is_empty() => Err("email: cannot be null or an empty string".into()),
        Given::Value(text) if text == present => Ok(own.email.clone()),
        Given::Value(text) => {
            EmailAddress::parse(&text).map(Some).map_err(|_| "must be a valid email address".into())
        }
    }
}

/// A text that may be left out but not emptied; the error is `None` where the contract has its own words.
fn required(given: Result<Given<String>, Misread>, present: String) -> Result<String, Option<String>> {
    match given.map_err(|error| Some(error.to_string()))? {
        Given::Absent => Ok(present),
        Given::Value(text) if !text.is_empty() => Ok(text),
        Given::Null | Given::Value(_) => Err(None),
    }
}

fn number(user: &Fields, field: &'static str, present: i64) -> Result<i64, String> {
    match user.integer(field).map_err(|error| error.to_string())? {
        Given::Absent => Ok(present),
        Given::Value(number) => Ok(number),
        Given::Null => Err(format!("{field}: cannot be null")),
    }
}

/// What is said of a body that can't be read, by both families of versions.
pub(super) fn misread(error: Misread) -> Problem {
    Problem::bad_request(format!("couldn't parse request: {error}"))
}
