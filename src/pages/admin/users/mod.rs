//! Other people's accounts.

pub(in crate::pages) mod acts;
pub(in crate::pages) mod edit;
pub(in crate::pages) mod invite;
pub(in crate::pages) mod new;
pub(in crate::pages) mod remove;
pub(in crate::pages) mod show;

use minijinja::{Value, context};

use super::{LINES, Part, actor, search};
use crate::{
    api::{call::Call, permissions::CREATE_USERS, problem::Problem, reply::Reply},
    domain::{Account, AccountFilter, AccountId, AccountOrder, AccountText, Role, Slice},
    pages::{
        moment,
        show::{may, page},
    },
    service::Directory,
};

/// Who has registered, by user name, and who is only invited and has chosen none yet, by e-mail address: each list
/// stands in the order of its first column.
const SHELVES: [(&str, bool, AccountText); 2] =
    [("registered", false, AccountText::Username), ("invited", true, AccountText::Email)];

/// A page of those within the caller's reach, narrowed down by what their names and addresses have in them.
pub(in crate::pages) async fn list(call: Call) -> Result<Reply, Problem> {
    let (part, search) = (Part::of(&call), search(&call));
    let wanted = call.query("state").unwrap_or_default();
    let shelf = SHELVES.into_iter().find(|(name, ..)| *name == wanted);
    let (shelf, is_new, order) = shelf.unwrap_or(SHELVES[0]);
    let mut filters = vec![AccountFilter::NewUser(is_new)];
    filters.extend((!search.is_empty()).then(|| AccountFilter::Containing(search.clone())));
    let slice = Slice {
        limit: Some(LINES as i64 + 1),
        offset: part.offset() as i64,
        ..Slice::all_by(AccountOrder::Text(order))
    };
    let found = found(&call, filters, slice).await?;
    let now = call.site.clock.now();
    let users: Vec<_> = found.iter().take(LINES).map(|account| line(account, now)).collect();
    let caller = call.caller()?;
    let own = context! {
        users,
        search,
        shelf,
        shelves => SHELVES.map(|(name, ..)| name).to_vec(),
        part => part.shown(found.len() > LINES),
        may_create => may(caller, &CREATE_USERS),
    };
    page(&call, "users.html", own)
}

fn line(account: &Account, now: time::OffsetDateTime) -> Value {
    context! {
        seen => account.last_authenticated.map(|moment| moment::shown(moment, now)),
        state => state(account),
        called => called(account),
        invited => account.registration_sent.map(|moment| moment::shown(moment, now)),
        has_chosen => has_chosen(account.username.as_str()),
        ..crate::pages::account::shown(account)
    }
}

/// Whether a user name is somebody's choice. Whoever is invited has one that was drawn (fact sheet Traffic Ops §1.9).
pub(in crate::pages) fn has_chosen(username: &str) -> bool {
    !username.starts_with("registration_")
}

/// What an account is called: by its user name, or by its e-mail address as long as none was chosen.
pub(in crate::pages) fn called(account: &Account) -> &str {
    match (&account.email, account.username.as_str()) {
        (Some(email), drawn) if account.new_user && !has_chosen(drawn) => email.as_str(),
        (_, username) => username,
    }
}

/// `invited`, `disabled` or nothing.
fn state(account: &Account) -> Option<&'static str> {
    match &account.role {
        Some(role) if role.name == Role::DISALLOWED => Some("disabled"),
        None => Some("disabled"),
        Some(_) if account.new_user => Some("invited"),
        Some(_) => None,
    }
}

/// Accounts within the caller's reach.
async fn found(
    call: &Call,
    filters: Vec<AccountFilter>,
    slice: Slice<AccountOrder>,
) -> Result<Vec<Account>, Problem> {
    let mut found = Vec::new();
    let directory = Directory { filters, slice, counted: false };
    let each = |listed: &crate::domain::Listed| {
        found.push(listed.account.clone());
        Ok(())
    };
    call.site.services.users.list(actor(call)?, &directory, each).await?;
    Ok(found)
}

/// The account that the page's address names, if it is within the caller's reach.
pub(in crate::pages) async fn named(call: &Call) -> Result<Account, Problem> {
    let id = AccountId(super::number(call)?);
    let slice = Slice::all_by(AccountOrder::Id);
    let mut found = found(call, vec![AccountFilter::Id(id)], slice).await?;
    found.pop().ok_or_else(|| Problem::not_found("no such account within reach"))
}
