//! The first page.

use minijinja::context;

use super::show::{go, page};
use crate::api::{call::Call, problem::Problem, reply::Reply};

/// Whoever is signed in goes on to the account; others are asked what they came for.
pub(super) async fn home(call: Call) -> Result<Reply, Problem> {
    match call.caller {
        Some(_) => Ok(go("/account")),
        None => page(&call, "home.html", context! { mailbox => call.site.mailbox.is_some() }),
    }
}
