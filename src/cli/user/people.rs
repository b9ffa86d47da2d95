//! Accounts shown, invited, disabled, enabled and removed.

use anyhow::Context as _;
use serde_json::json;
use time::OffsetDateTime;

use crate::{
    cli::{
        print::{self, say},
        tenant,
    },
    domain::{Account, AccountFilter, AccountText, EmailAddress, Listed, Slice, Username},
    service::{Actor, Administration, Directory, Errand, Invitation, Origin, RoleChoice, Services},
};

/// Prints all accounts.
pub(super) async fn list(administration: &Administration, json: bool) -> anyhow::Result<()> {
    let heading = ["USER NAME", "ROLE", "TENANT", "E-MAIL"];
    print::list(&administration.list().await?, json, as_json, heading, row);
    Ok(())
}

fn row(account: &Account) -> [String; 4] {
    [
        account.username.to_string(),
        account.role.as_ref().map_or("-", |role| &role.name).to_owned(),
        account.tenant.name.clone(),
        account.email.as_ref().map_or("-", EmailAddress::as_str).to_owned(),
    ]
}

fn as_json(account: &Account) -> serde_json::Value {
    json!({
        "id": account.id.0,
        "username": account.username.as_str(),
        "role": account.role.as_ref().map(|role| &role.name),
        "tenant": account.tenant.name,
        "email": account.email.as_ref().map(EmailAddress::as_str),
        "fullName": account.full_name,
    })
}

/// Prints one account with what a list has no room for.
pub(super) async fn show(services: &Services, username: &str, json: bool) -> anyhow::Result<()> {
    let (account, changes) = named(services, username).await?;
    let moments = |time: Option<OffsetDateTime>| time.map(print::moment);
    if json {
        let mut shown = as_json(&account);
        shown["newUser"] = account.new_user.into();
        shown["hasPassword"] = account.has_password.into();
        shown["registrationSent"] = moments(account.registration_sent).into();
        shown["lastAuthenticated"] = moments(account.last_authenticated).into();
        shown["lastUpdated"] = print::moment(account.last_updated).into();
        shown["changeLogCount"] = changes.into();
        say!("{shown}");
        return Ok(());
    }
    let [username, role, tenant, email] = row(&account);
    let yes_or_no = |truth: bool| if truth { "yes" } else { "no" }.to_owned();
    let never = || "never".to_owned();
    let rows = [
        ("User name", username),
        ("Number", account.id.0.to_string()),
        ("Full name", account.full_name.clone().unwrap_or_else(|| "-".to_owned())),
        ("E-mail", email),
        ("Role", role),
        ("Tenant", tenant),
        ("Has a password", yes_or_no(account.has_password)),
        ("Is yet to finish the registration", yes_or_no(account.new_user)),
        ("Invited", moments(account.registration_sent).unwrap_or_else(never)),
        ("Signed in last", moments(account.last_authenticated).unwrap_or_else(never)),
        ("Changed last", print::moment(account.last_updated)),
        ("Lines in the change log", changes.to_string()),
    ];
    rows.iter().for_each(|(what, value)| say!("{what:34} {value}"));
    Ok(())
}

/// The account of this user name, and how many change-log rows it has written.
pub(in crate::cli) async fn named(services: &Services, username: &str) -> anyhow::Result<(Account, i64)> {
    let directory = Directory {
        filters: vec![AccountFilter::Text(AccountText::Username, username.to_owned())],
        slice: Slice { order: None, descending: false, limit: Some(1), offset: 0 },
        counted: true,
    };
    let mut found = None;
    let each = |listed: &Listed| {
        found = Some((listed.account.clone(), listed.changes));
        Ok(())
    };
    services.users.list(Actor::Operator, &directory, each).await?;
    found.with_context(|| format!("no account is called {username}"))
}

/// Opens an account and promises a letter, or promises another one.
pub(super) async fn invite(
    services: &Services,
    email: &str,
    role: String,
    tenant: &str,
) -> anyhow::Result<()> {
    let email = EmailAddress::parse_mailbox(email)?;
    let tenant = tenant::named(&services.tenants, tenant).await?;
    let invitation = Invitation { email, role: RoleChoice::Name(role), tenant };
    let invited =
        services.registration.invite(Errand::of_operator(&Origin::command_line()), &invitation).await?;
    let email = &invitation.email;
    say!("A letter to {email} is on its way, with the role {} in {}.", invited.role, invited.tenant);
    Ok(())
}

/// Takes the right to sign in away.
pub(super) async fn disable(administration: &Administration, username: &str) -> anyhow::Result<()> {
    administration.disable(&Username::parse(username)?).await?;
    say!("{username} may not sign in any more, and all sessions have ended.");
    Ok(())
}

/// Gives the right to sign in back.
pub(super) async fn enable(
    administration: &Administration,
    username: &str,
    role: &str,
) -> anyhow::Result<()> {
    let account = administration.enable(&Username::parse(username)?, role).await?;
    match account.has_password {
        true => say!("{username} may sign in again, with the role {role} and the present password."),
        false => say!(
            "{username} may sign in again, with the role {role}, but has no password: \
             `latchkey user reset-link {username}` prints a link to set one."
        ),
    }
    Ok(())
}

/// Removes an account.
pub(super) async fn remove(services: &Services, username: &str) -> anyhow::Result<()> {
    let (account, _) = named(services, username).await?;
    services.users.remove(Errand::of_operator(&Origin::command_line()), account.id).await?;
    say!("{username} is gone, and all sessions have ended.");
    Ok(())
}
