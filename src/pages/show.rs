//! Fills a page in, with what every page shows: the operator's name, who is signed in, what was just done.

use http::{HeaderValue, StatusCode, header};
use minijinja::{Value, context};

use super::{assets, cookies, form, sheet::Sheet, templates, words};
use crate::{
    api::{
        call::Call,
        permissions::{READ_LETTERS, READ_ROLES, READ_TENANTS, READ_USERS},
        problem::Problem,
        reply::Reply,
        site::Site,
    },
    domain::Tenant,
    service::Caller,
};

/// A page for whoever asks.
pub(super) fn page(call: &Call, template: &str, own: Value) -> Result<Reply, Problem> {
    let token = form::token(&call.site, call.caller.as_deref(), None);
    filled(call, template, context! { token, ..own })
}

/// A page with a form on it. A browser in which nobody is signed in gets a cookie to go with the form's token.
pub(super) fn form_page(call: &Call, template: &str, sheet: &Sheet, own: Value) -> Result<Reply, Problem> {
    let new =
        (call.caller.is_none() && cookies::visitor(call).is_none()).then(|| cookies::new_visitor(&call.site));
    let visitor = new.as_ref().map(|(name, _)| name.as_str()).or_else(|| cookies::visitor(call));
    let token = form::token(&call.site, call.caller.as_deref(), visitor);
    let reply = filled(call, template, context! { token, sheet => sheet.shown(), ..own })?;
    Ok(match new {
        Some((_, cookie)) => reply.with(header::SET_COOKIE, cookie),
        None => reply,
    })
}

/// The form again, with what is wrong.
pub(super) fn again(call: &Call, template: &str, sheet: &Sheet, own: Value) -> Result<Reply, Problem> {
    Ok(form_page(call, template, sheet, own)?.with_status(StatusCode::BAD_REQUEST))
}

/// On to another page. After a form was taken, so that reloading sends nothing twice.
pub(super) fn go(target: &str) -> Reply {
    let target = HeaderValue::from_str(target).unwrap_or(HeaderValue::from_static("/"));
    Reply::page(String::new()).with_status(StatusCode::SEE_OTHER).with(header::LOCATION, target)
}

/// A template with the look of this installation.
pub(super) fn bare(site: &Site, template: &str, own: Value) -> Result<String, Problem> {
    templates::render(template, context! { look => assets::look(site), ..own })
}

fn filled(call: &Call, template: &str, own: Value) -> Result<Reply, Problem> {
    let me = call.caller.as_deref().map(me);
    let page = context! { me, section => section(call), notice => notice(call), ..own };
    bare(&call.site, template, page).map(Reply::page)
}

/// The part of the site that the page belongs to: the beginning of its address.
fn section(call: &Call) -> &'static str {
    call.endpoint.route.path.split('/').next().unwrap_or_default()
}

/// What was just done. It travels as a name in the address: nothing is kept, and nobody can put words in.
fn notice(call: &Call) -> Option<&'static str> {
    let name = call.query("notice")?;
    words::find(&format!("notices.{name}"))
}

/// Whoever is signed in, for templates, and what to lead them to.
pub(super) fn me(caller: &Caller) -> Value {
    let account = &caller.account;
    context! {
        username => account.username.as_str(),
        may_see => context! {
            users => may(caller, &READ_USERS),
            roles => may(caller, &READ_ROLES),
            tenants => may(caller, &READ_TENANTS),
            letters => may(caller, &READ_LETTERS) && account.tenant.name == Tenant::ROOT,
        },
    }
}

/// Whether the caller's role grants all that an operation asks for.
pub(super) fn may(caller: &Caller, needed: &[&'static str]) -> bool {
    caller.lacks(needed).is_empty()
}
