//! Who may do what to what, and where: tables of every role of a new database and every operation. No cell is left out.

mod roles_tenants;
mod users;

use latchkey::service::Newcomer;

use super::program::number_of;
use crate::support::{Client, TestApp, account};

/// Somebody with a live session and this role, in the tenant of this name. Nobody signs in as `disallowed`, so the role is
/// given afterwards.
async fn actor(app: &TestApp, role: &str, tenant: &str) -> Client {
    let name = format!("actor-{role}");
    let client = app.signed_in(Newcomer { tenant: tenant.to_owned(), ..account(&name) }).await;
    app.sql(&format!("UPDATE tm_user SET role = {} WHERE username = '{name}'", number_of(role))).await;
    client
}
