//! The same use cases, for people: HTML that works on a phone, with scripts off.

mod account;
mod activity;
mod admin;
mod assets;
mod cookies;
mod device;
mod fields;
mod form;
#[cfg(any(fuzzing, test))]
pub(crate) mod fuzz;
mod home;
mod key_link;
mod mailbox;
mod moment;
mod new_password;
mod patience;
mod place;
mod render;
mod routes;
mod seal;
mod sheet;
mod show;
mod sign_in;
mod templates;
mod words;

use http::{HeaderValue, Method, StatusCode, header};

use crate::api::{
    Head,
    dialect::{Dialect, Identification},
    problem::Problem,
    site::Site,
    traffic_ops,
    version::ApiVersion,
};

/// The dialect.
pub static DIALECT: Dialect = Dialect {
    name: "pages",
    homes: &["/"],
    mount: |_| String::new(),
    versions: &[V1],
    routes: routes::ROUTES,
    identify,
    nobody: || sign_in_first("/"),
    render: render::render,
    missing: |_| Problem::not_found("there is no such page"),
};

const V1: ApiVersion = ApiVersion::new(1, 0);

/// People carry the same session as Traffic Ops clients do. Where it is missing or over, they are led to the
/// sign-in page, and from there to the page they asked for.
fn identify<'a>(head: &'a Head, site: &'a Site) -> Identification<'a> {
    Box::pin(async move {
        let asked_for = if head.method == Method::GET { head.target.as_str() } else { "/" };
        match traffic_ops::identify(head, site).await {
            Ok(Some(identity)) => Ok(Some(identity)),
            Ok(None) => Err(sign_in_first(asked_for)),
            Err(problem) if problem.status == StatusCode::UNAUTHORIZED => Err(sign_in_first(asked_for)),
            Err(problem) => Err(problem),
        }
    })
}

fn sign_in_first(target: &str) -> Problem {
    let place = HeaderValue::from_str(&place::sign_in_first(target));
    let place = place.unwrap_or(HeaderValue::from_static("/sign-in"));
    Problem::new(StatusCode::SEE_OTHER, "sign in first").with(header::LOCATION, place)
}
