//! One's own account.

pub(super) mod email;
pub(super) mod password;
pub(super) mod profile;
pub(super) mod sessions;

use minijinja::{Value, context};

use super::{moment, show::page};
use crate::{
    api::{call::Call, problem::Problem, reply::Reply},
    domain::Account,
};

/// What is stored about whoever is signed in, and where to change it.
pub(super) async fn show(call: Call) -> Result<Reply, Problem> {
    let account = &call.caller()?.account;
    let now = call.site.clock.now();
    let last_seen = account.last_authenticated.map(|moment| moment::shown(moment, now));
    page(&call, "account.html", context! { account => shown(account), last_seen })
}

/// An account, for templates.
pub(super) fn shown(account: &Account) -> Value {
    let profile = &account.profile;
    let place = [&profile.address_line1, &profile.address_line2, &profile.postal_code, &profile.city];
    let place = place.into_iter().chain([&profile.state_or_province, &profile.country]);
    let place: Vec<_> = place.flatten().filter(|text| !text.is_empty()).map(String::as_str).collect();
    context! {
        id => account.id.0,
        username => account.username.as_str(),
        full_name => account.full_name.as_deref().filter(|name| !name.is_empty()),
        email => account.email.as_ref().map(ToString::to_string),
        role => account.role.as_ref().map(|role| &role.name),
        tenant => &account.tenant.name,
        company => profile.company.as_deref().filter(|text| !text.is_empty()),
        phone_number => profile.phone_number.as_deref().filter(|text| !text.is_empty()),
        place => place.join(", "),
    }
}
